#!/usr/bin/env python3
"""Sail, a Spark Connect server in Rust: sail_job.py WORKLOAD INPUT RESULT (W1, W2). It reads the files as a batch."""

import json
import os
import sys
from importlib.metadata import version

from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

work, source, result = sys.argv[1:4]
os.environ.setdefault("SAIL_EXECUTION__DEFAULT_PARALLELISM", "2")
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
session = SparkSession.builder.remote("sc://127.0.0.1:%d" % server.listening_address[1]).getOrCreate()
session.conf.set("spark.sql.session.timeZone", "UTC")


def parsed(ddl):
    return session.read.text(source + "/part-*.ndjson").select(F.from_json("value", ddl).alias("event")).select("event.*")


if work == "W1":
    trades = parsed("id string, type string, amount bigint, time string")
    profit = F.when(F.col("type") == "sell", -F.col("amount")).otherwise(F.col("amount"))
    rows = trades.select(F.to_timestamp("time", "dd-MM-yyyy-HH-mm").alias("ts"), "id", profit.alias("profit"))
    groups = rows.groupBy(F.window("ts", "5 minutes").alias("w"), "id").agg(F.sum("profit").alias("total"), F.count("*").alias("count"))
    figures = ["id", "total", "count"]
else:
    views = parsed("ad_id string, event_type string, event_time bigint").where("event_type = 'view'")
    ads = session.read.csv(os.environ["ADS"], header=True)
    rows = views.select("ad_id", F.timestamp_millis("event_time").alias("ts")).join(F.broadcast(ads), "ad_id")
    groups = rows.groupBy(F.window("ts", "10 seconds").alias("w"), "campaign_id").agg(F.count("*").alias("count"))
    figures = ["campaign_id", "count"]
start = (F.unix_timestamp(F.col("w.start")) * 1000).cast("bigint")
groups.select(start.alias("start"), *figures).write.mode("overwrite").csv(result)
print("PEER " + json.dumps({"version": version("pysail")}), flush=True)
# The server's threads do not end by themselves.
os._exit(0)
