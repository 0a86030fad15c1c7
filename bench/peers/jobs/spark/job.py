#!/usr/bin/env python3
"""Spark Structured Streaming: job.py WORKLOAD PATH INPUT RESULT BATCH.

PATH: file, parquet, kafka. BATCH: files, or records of Kafka, a micro-batch. Trigger.AvailableNow, local[2], two shuffle partitions,
the state store that is the default.
"""

import json
import os
import shutil
import sys
import tempfile

from pyspark.sql import SparkSession, functions as F

work, path, source, result, batch = sys.argv[1:6]
SETTINGS = {
    "spark.driver.memory": "3g",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.log.level": "ERROR",
}
# What Spark brings itself, in its own versions.
OWN_JARS = ("scala-library", "slf4j", "lz4", "snappy", "jsr305")
if path == "kafka":
    folder = os.environ["KAFKA_JARS"]
    SETTINGS["spark.jars"] = ",".join(os.path.join(folder, jar) for jar in sorted(os.listdir(folder)) if not jar.startswith(OWN_JARS))
builder = SparkSession.builder.master("local[2]")
for name, value in SETTINGS.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()


def parsed(schema, folder=source):
    reader = spark.readStream
    if path == "kafka":
        reader = reader.format("kafka").option("kafka.bootstrap.servers", os.environ["BOOTSTRAP"]).option("subscribe", source)
        lines = reader.option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", batch).load().select(F.col("value").cast("string").alias("value"))
    else:
        lines = reader.option("maxFilesPerTrigger", batch).text(folder)
    return lines.select(F.from_json("value", schema).alias("event")).select("event.*")


def columns(schema, folder=source):
    return spark.readStream.schema(schema).option("maxFilesPerTrigger", batch).parquet(folder)


def trades():
    profit = F.when(F.col("type") == "sell", -F.col("amount")).otherwise(F.col("amount")).alias("profit")
    rows = parsed("id string, type string, amount bigint, time string").select("id", F.to_timestamp("time", "dd-MM-yyyy-HH-mm").alias("ts"), profit)
    grouped = rows.withWatermark("ts", "10 minutes").groupBy(F.window("ts", "5 minutes").alias("w"), "id")
    return grouped.agg(F.sum("profit").alias("s"), F.count("*").alias("n")).select(F.unix_millis("w.start"), "id", "s", "n")


def ad_views():
    ads = F.broadcast(spark.read.csv(os.environ["ADS"], header=True))
    views = parsed("ad_id string, event_type string, event_time bigint").where("event_type = 'view'")
    rows = views.select("ad_id", F.timestamp_millis("event_time").alias("ts")).join(ads, "ad_id").withWatermark("ts", "10 seconds")
    return rows.groupBy(F.window("ts", "10 seconds").alias("w"), "campaign_id").agg(F.count("*").alias("n")).select(F.unix_millis("w.start"), "campaign_id", "n")


def events(schema, folder=source):
    """Nexmark's events, with the time ts."""
    if path == "parquet":
        rows = columns(schema + ", ts timestamp", folder)
    else:
        rows = parsed(schema + ", dateTime bigint", folder).withColumn("ts", F.timestamp_millis("dateTime"))
    return rows.withWatermark("ts", "4 seconds")


def new_sellers():
    window = F.window("ts", "10 seconds").alias("w")
    people = events("id bigint, name string", os.path.join(source, "persons")).groupBy(window, "id", "name").agg(F.count("*").alias("n"))
    sellers = events("seller bigint", os.path.join(source, "auctions")).groupBy(window, F.col("seller").alias("id")).agg(F.count("*").alias("m"))
    return people.join(sellers, ["w", "id"]).select(F.unix_millis("w.start"), "id", "name")


def bid_counts(span, key):
    rows = events("auction bigint, bidder bigint, price bigint")
    return rows.groupBy(span.alias("w"), key).agg(F.count("*").alias("n"))


def shown(counts, *names):
    return counts.select(F.unix_millis("w.start"), *names)


def highest_bids():
    rows = events("auction bigint, bidder bigint, price bigint")
    highest = rows.groupBy(F.window("ts", "10 seconds").alias("w")).agg(F.max("price").alias("p"), F.count("*").alias("n"))
    return highest.select(F.unix_millis("w.start"), F.lit("all"), "p", "n")


def hottest_auctions():
    def counts():
        return bid_counts(F.window("ts", "10 seconds", "2 seconds"), "auction")

    # Each side reads for itself: of a stream of lines joined with itself Spark 4.3 gave no row.
    return shown(counts().join(counts().groupBy("w").agg(F.max("n").alias("n")), ["w", "n"]), "auction", "n")


def many_keys():
    rows = columns("key bigint, ts timestamp, value bigint").withWatermark("ts", "10 seconds")
    grouped = rows.groupBy(F.window("ts", "1 minute").alias("w"), "key").agg(F.sum("value").alias("s"), F.count("*").alias("n"))
    return grouped.select(F.unix_millis("w.start").alias("t"), "key", "s", "n")


QUERIES = {
    "W1": trades,
    "W2": ad_views,
    "W3-q5counts": lambda: shown(bid_counts(F.window("ts", "10 seconds", "2 seconds"), "auction"), "auction", "n"),
    "W3-q5": hottest_auctions,
    "W3-q7": highest_bids,
    "W3-q8": new_sellers,
    "W3-q11": lambda: shown(bid_counts(F.session_window("ts", "10 seconds"), "bidder"), "bidder", "n"),
    "W3-q12": lambda: shown(bid_counts(F.window("ts", "10 seconds"), "bidder"), "bidder", "n"),
    "W4": many_keys,
}
frame = QUERIES[work]()
checkpoint = tempfile.mkdtemp(prefix="checkpoint-", dir=os.environ["SCRATCH"])
writer = frame.writeStream.outputMode("append").option("checkpointLocation", checkpoint).trigger(availableNow=True)
if work == "W4":
    total = [0, 0]
    SHARE = "(t div 60000 % 1000 + key * 7 + s * 13 + n * 101) % 1000003"

    def add_shares(rows, _):
        count, check = rows.where("key >= 0").select(F.count("*"), F.coalesce(F.sum(F.expr(SHARE)), F.lit(0))).first()
        total[0] += count
        total[1] += check

    writer.foreachBatch(add_shares).start().awaitTermination()
    os.makedirs(result, exist_ok=True)
    with open(os.path.join(result, "r.csv"), "w") as file:
        file.write("0,check,%d,%d\n" % tuple(total))
else:
    writer.format("csv").option("path", result).start().awaitTermination()
print("PEER " + json.dumps({"version": spark.version}), flush=True)
shutil.rmtree(checkpoint, ignore_errors=True)
spark.stop()
