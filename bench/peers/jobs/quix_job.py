#!/usr/bin/env python3
"""Quix Streams: quix_job.py WORKLOAD TOPIC RECORDS RESULT (W1, W2).

State in RocksDB and change-log topics, as by default. It emits updates: the last one of a window and key counts.
"""

import json
import os
import sys
import time
from datetime import datetime, timezone

import quixstreams
from quixstreams import Application
from quixstreams.dataframe.windows import Count, Sum

work, topic, records, result = sys.argv[1:5]
# One record in each of four partitions moves the watermark.
FLUSH_RECORDS = 4
IDLE_SECONDS = 10.0
CHARS_AT_ONCE = 1 << 20

app = Application(
    broker_address=os.environ["BOOTSTRAP"],
    consumer_group=f"quix-{time.time_ns()}",
    auto_offset_reset="earliest",
    state_dir=os.path.join(os.environ["SCRATCH"], "quix"),
    loglevel="ERROR",
)
file = open(result, "w", CHARS_AT_ONCE)


def time_of(value, *_):
    if work == "W2":
        return value["event_time"]
    return int(datetime.strptime(value["time"], "%d-%m-%Y-%H-%M").replace(tzinfo=timezone.utc).timestamp() * 1000)


def write(value, key, *_):
    figures = f"{value['total']},{value['count']}" if work == "W1" else value["count"]
    file.write(f"{value['start']},{key},{figures}\n")


rows = app.dataframe(app.topic(topic, value_deserializer="json", key_deserializer="str", timestamp_extractor=time_of))
if work == "W1":
    rows = rows[rows["id"] != "flush"]
    rows["profit"] = rows.apply(lambda value: -value["amount"] if value["type"] == "sell" else value["amount"])
    groups = rows.tumbling_window(300_000, grace_ms=600_000).agg(total=Sum("profit"), count=Count())
else:
    with open(os.environ["ADS"]) as table:
        campaigns = dict(line.strip().split(",") for line in table)
    rows = rows[(rows["event_type"] == "view") & (rows["user_id"] != "flush")]
    codecs = {"value_serializer": "json", "value_deserializer": "json", "key_serializer": "str", "key_deserializer": "str"}
    rows = rows.group_by(lambda value: campaigns[value["ad_id"]], name="campaign", **codecs)
    # Its own topic in between is read in another order than the first one.
    groups = rows.tumbling_window(10_000, grace_ms=3_600_000).agg(count=Count())
groups.current().apply(write, metadata=True)
# Behind the topic in between nobody knows how many records there will be: the run ends when none has come for a while.
end = {"count": int(records) + FLUSH_RECORDS} if work == "W1" else {}
app.run(timeout=IDLE_SECONDS, collect=False, **end)
file.close()
print("PEER " + json.dumps({"version": quixstreams.__version__}))
