#!/usr/bin/env python3
"""Bytewax: bytewax_job.py WORKLOAD PATH INPUT RESULT (W1, W2; PATH: file, kafka).

One worker, its default: a second one took longer. orjson parses; windows close by event time.
"""

import json
import os
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

import bytewax.operators as op
import bytewax.operators.windowing as windowing
import orjson
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

work, path, source, result = sys.argv[1:5]
ALIGN = datetime(2020, 1, 1, tzinfo=timezone.utc)
ALIGN_MS = int(ALIGN.timestamp()) * 1000
LINES_AT_ONCE = 100_000
RECORDS_AT_ONCE = 5000


class Parts(StatefulSourcePartition):
    """The lines of all files, one file after the other."""

    def __init__(self):
        names = sorted(name for name in os.listdir(source) if "flush" not in name)
        self.paths = [os.path.join(source, name) for name in names]
        self.file = None

    def next_batch(self):
        if self.file is None:
            if not self.paths:
                raise StopIteration()
            self.file = open(self.paths.pop(0), "rb")
        lines = self.file.readlines(LINES_AT_ONCE)
        if not lines:
            self.file = None
        return lines

    def snapshot(self):
        return None


class Files(FixedPartitionedSource):
    def list_parts(self):
        return ["all"]

    def build_part(self, step_id, for_part, resume_state):
        return Parts()


class ResultPartition(StatelessSinkPartition):
    def __init__(self):
        self.file = open(result, "a")

    def write_batch(self, items):
        self.file.writelines(items)

    def close(self):
        self.file.close()


class ResultFile(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return ResultPartition()


def trade(line):
    event = orjson.loads(line)
    time = datetime.strptime(event["time"], "%d-%m-%Y-%H-%M").replace(tzinfo=timezone.utc)
    return event["id"], (time, -event["amount"] if event["type"] == "sell" else event["amount"])


def view(line):
    event = orjson.loads(line)
    if event["event_type"] != "view" or event["user_id"] == "flush":
        return None
    campaign = CAMPAIGNS.get(event["ad_id"])
    if campaign is None:
        return None
    return campaign, (datetime.fromtimestamp(event["event_time"] / 1000, timezone.utc), 1)


def fold(figures, value):
    figures[0] += value[1]
    figures[1] += 1
    return figures


def merge(left, right):
    return [left[0] + right[0], left[1] + right[1]]


flow = Dataflow("peer")
if path == "file":
    lines = op.input("lines", flow, Files())
else:
    topic = KafkaSource([os.environ["BOOTSTRAP"]], [source], tail=False, batch_size=RECORDS_AT_ONCE)
    lines = op.map("value", op.input("records", flow, topic), lambda record: record.value)
if work == "W1":
    keyed, step_ms, late = op.map("parse", lines, trade), 300_000, timedelta(minutes=10)
else:
    with open(os.environ["ADS"]) as table:
        CAMPAIGNS = dict(line.strip().split(",") for line in table)
    # The partitions of a topic are not read evenly.
    keyed, step_ms, late = op.filter_map("parse", lines, view), 10_000, timedelta(seconds=20)
clock = windowing.EventClock(lambda value: value[0], late)
windows = windowing.TumblingWindower(timedelta(milliseconds=step_ms), ALIGN)
grouped = windowing.fold_window("sum", keyed, clock, windows, lambda: [0, 0], fold, merge, ordered=False)


def row(item):
    key, (window, (total, count)) = item
    start = ALIGN_MS + window * step_ms
    return f"{start},{key},{total},{count}\n" if work == "W1" else f"{start},{key},{count}\n"


op.output("result", op.map("row", grouped.down, row), ResultFile())
run_main(flow)
print("PEER " + json.dumps({"version": version("bytewax")}))
