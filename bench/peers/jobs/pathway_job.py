#!/usr/bin/env python3
"""Pathway: pathway_job.py WORKLOAD PATH INPUT RESULT (W1, W2; PATH: file, kafka).

Two threads and bounded input (mode static). What it writes are changes: those that were taken back again are left out.
"""

import csv
import json
import os
import sys

os.environ.setdefault("PATHWAY_THREADS", "2")

import pathway as pw

work, path, source, result = sys.argv[1:5]
os.makedirs(result, exist_ok=True)


class Trade(pw.Schema):
    account: str
    type: str
    amount: int
    time: str


class Event(pw.Schema):
    ad_id: str
    event_type: str
    event_time: int
    user_id: str


class Ad(pw.Schema):
    ad_id: str = pw.column_definition(primary_key=True)
    campaign_id: str


# Pathway keeps the name `id` for itself.
how = {"schema": Trade, "json_field_paths": {"account": "/id"}} if work == "W1" else {"schema": Event}
if path == "file":
    rows = pw.io.jsonlines.read(source, mode="static", object_pattern="part-*", **how)
else:
    group = {"bootstrap.servers": os.environ["BOOTSTRAP"], "group.id": f"pathway-{os.getpid()}", "auto.offset.reset": "earliest"}
    rows = pw.io.kafka.read(group, source, format="json", mode="static", **how)
if work == "W1":
    seconds = pw.this.time.dt.strptime("%d-%m-%Y-%H-%M").dt.timestamp(unit="s")
    profit = pw.if_else(pw.this.type == "sell", -pw.this.amount, pw.this.amount)
    rows = rows.select(pw.this.account, profit=profit, window=pw.cast(int, seconds) * 1000 // 300_000 * 300_000)
    figures = {"total": pw.reducers.sum(pw.this.profit), "count": pw.reducers.count()}
    groups = rows.groupby(pw.this.window, pw.this.account).reduce(pw.this.window, pw.this.account, **figures)
else:
    ads = pw.io.csv.read(os.environ["ADS"], schema=Ad, mode="static")
    views = rows.filter((pw.this.event_type == "view") & (pw.this.user_id != "flush"))
    views = views.select(pw.this.ad_id, window=pw.this.event_time // 10_000 * 10_000)
    joined = views.join(ads, views.ad_id == ads.ad_id).select(views.window, ads.campaign_id)
    groups = joined.groupby(pw.this.window, pw.this.campaign_id).reduce(pw.this.window, pw.this.campaign_id, count=pw.reducers.count())
changes = os.path.join(result, "changes.raw")
pw.io.csv.write(groups, changes)
pw.run(monitoring_level=pw.MonitoringLevel.NONE)

last = {}
with open(changes) as file:
    next(file)
    for window, key, *figures, _, difference in csv.reader(file):
        if int(difference) > 0:
            last[window, key] = figures
        elif last.get((window, key)) == figures:
            del last[window, key]
os.remove(changes)
with open(os.path.join(result, "r.csv"), "w") as file:
    file.writelines(",".join([*place, *figures]) + "\n" for place, figures in last.items())
print("PEER " + json.dumps({"version": pw.__version__}))
