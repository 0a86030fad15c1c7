#!/usr/bin/env python3
"""Batch engines: batch.py ENGINE WORKLOAD PATH INPUT RESULT (ENGINE: duckdb, polars, datafusion, chdb; PATH: file, parquet).

They read all there is and end; the record that moves a stream's watermark is not read. Two threads, as everybody has.
"""

import glob
import json
import os
import sys

engine, work, path, source, result = sys.argv[1:6]
FORM = {"file": "ndjson", "parquet": "parquet"}[path]
ADS = os.environ.get("ADS", "")
# The members that each stream reads; those of W3-q8 are in folders of their own.
MEMBERS = {
    "W1": {"id": str, "type": str, "amount": int, "time": str},
    "W2": {"ad_id": str, "event_type": str, "event_time": int},
    "W3": {"auction": int, "bidder": int, "price": int, "dateTime": int},
    "persons": {"id": int, "name": str, "dateTime": int},
    "auctions": {"seller": int, "dateTime": int},
}
STREAMS = {"persons": "persons", "auctions": "auctions"} if work == "W3-q8" else {work[:2]: ""}


def pattern_of(stream):
    """Its files, but for the record that moves a stream's watermark."""
    return os.path.join(source, STREAMS[stream], "part-*." + FORM)


def files_of(stream):
    return sorted(glob.glob(pattern_of(stream)))


os.makedirs(result, exist_ok=True)
FILE = os.path.join(result, "r.csv")


def run_duckdb():
    import duckdb

    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data"))
    from duckdb_queries import run_query

    connection = duckdb.connect()
    connection.execute("set threads=2")
    for stream, folder in STREAMS.items():
        view = folder or "src"
        if path == "file":
            types = "{%s}" % ",".join("%s:'%s'" % (name, "VARCHAR" if kind is str else "BIGINT") for name, kind in MEMBERS[stream].items())
            time = ", dateTime as t" if work.startswith("W3") else ""
            rows = "select *%s from read_json(%r, format='newline_delimited', columns=%s)" % (time, files_of(stream), types)
        else:
            rows = "select *, epoch_ms(ts) as t from read_parquet(%r)" % files_of(stream)
        connection.execute("create view %s as %s" % (view, rows))
    run_query(connection, work, ADS, FILE)
    return duckdb.__version__


def run_polars():
    os.environ.setdefault("POLARS_MAX_THREADS", "2")
    import polars as pl

    def scan(stream):
        if path == "file":
            return pl.scan_ndjson(files_of(stream), schema={name: pl.String if kind is str else pl.Int64 for name, kind in MEMBERS[stream].items()})
        return pl.scan_parquet(files_of(stream))

    rows = scan(next(iter(STREAMS)))
    t = pl.col("dateTime") if path == "file" else pl.col("ts").dt.timestamp("ms")
    if work == "W1":
        t = pl.col("time").str.to_datetime("%d-%m-%Y-%H-%M", time_unit="ms").dt.timestamp("ms")
        profit = pl.when(pl.col("type") == "sell").then(-pl.col("amount")).otherwise(pl.col("amount")).alias("p")
        rows = rows.select((t - t % 300000).alias("w"), "id", profit).group_by("w", "id").agg(pl.col("p").sum(), pl.len())
    elif work == "W2":
        window = (pl.col("event_time") - pl.col("event_time") % 10000).alias("w")
        views = rows.filter(pl.col("event_type") == "view").select("ad_id", window)
        rows = views.join(pl.scan_csv(ADS), on="ad_id").group_by("w", "campaign_id").agg(pl.len())
    elif work == "W3-q8":
        window = (t - t % 10000).alias("w")
        sellers = scan("auctions").select(window, pl.col("seller").alias("id")).unique()
        rows = rows.select(window, "id", "name").unique().join(sellers, on=["w", "id"])
    elif work == "W3-q12":
        rows = rows.group_by((t - t % 10000).alias("w"), "bidder").agg(pl.len())
    elif work == "W3-q7":
        rows = rows.group_by((t - t % 10000).alias("w")).agg(pl.lit("all").first().alias("k"), pl.col("price").max(), pl.len())
    elif work in ("W3-q5counts", "W3-q5"):
        windows = pl.concat_list([t - t % 2000 - k * 2000 for k in range(5)])
        rows = rows.select("auction", w=windows).explode("w").group_by("w", "auction").agg(pl.len().alias("n"))
        if work == "W3-q5":
            rows = rows.join(rows.group_by("w").agg(pl.col("n").max()), on=["w", "n"]).select("w", "auction", "n")
    else:
        sums = [pl.col("value").sum().alias("s"), pl.len().cast(pl.Int64).alias("n")]
        share = (pl.col("w") // 60000 % 1000 + pl.col("key") * 7 + pl.col("s") * 13 + pl.col("n") * 101) % 1000003
        groups = rows.group_by((t - t % 60000).alias("w"), "key").agg(sums)
        rows = groups.select(pl.lit(0).alias("z"), pl.lit("check").alias("k"), pl.len().alias("rows"), share.sum().alias("check"))
    rows.collect(engine="streaming").write_csv(FILE, include_header=False)
    return pl.__version__


def run_datafusion():
    import datafusion
    import pyarrow as pa

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(2))
    unions = {}
    for stream in STREAMS:
        tables = []
        for file in files_of(stream):
            table = "p%d" % (len(tables) + 100 * len(unions))
            if path == "file":
                schema = pa.schema([(name, pa.string() if kind is str else pa.int64()) for name, kind in MEMBERS[stream].items()])
                context.register_json(table, file, schema=schema, file_extension=".ndjson")
            else:
                context.register_parquet(table, file)
            tables.append("select * from " + table)
        unions[stream] = "(" + " union all ".join(tables) + ")"
    src = next(iter(unions.values()))
    t = '"dateTime"' if path == "file" else "cast(arrow_cast(ts, 'Timestamp(Millisecond, None)') as bigint)"
    if work == "W2":
        context.register_csv("ads", ADS)
    counts = f"""select t - t % 2000 - k * 2000 as w, auction, count(*) as n from (select {t} as t, auction from {src})
        cross join (values (0), (1), (2), (3), (4)) r(k) group by 1, 2"""
    query = {
        "W1": f"""select t - t % 300000, id, sum(p), count(*) from (select id, case when type = 'sell' then -amount else amount end as p,
            to_timestamp_millis("time", '%d-%m-%Y-%H-%M')::bigint as t from {src}) group by 1, 2""",
        "W2": f"""select event_time - event_time % 10000, campaign_id, count(*) from {src} s join ads on s.ad_id = ads.ad_id
            where event_type = 'view' group by 1, 2""",
        "W3-q12": f"select t - t % 10000, bidder, count(*) from (select {t} as t, bidder from {src}) group by 1, 2",
        "W3-q7": f"select t - t % 10000, 'all', max(price), count(*) from (select {t} as t, price from {src}) group by 1",
        "W3-q5counts": counts,
        "W3-q5": f"""with counts as ({counts}) select c.w, auction, c.n from counts c
            join (select w, max(n) as n from counts group by w) h on c.w = h.w and c.n = h.n""",
        "W3-q8": f"""select p.w, p.id, p.name from (select distinct t - t % 10000 as w, id, name from (select {t} as t, id, name from {src})) p
            join (select distinct t - t % 10000 as w, seller from (select {t} as t, seller from {unions.get("auctions")})) a
            on p.w = a.w and p.id = a.seller""",
        "W4": f"""select 0, 'check', count(*), sum((w / 60000 % 1000 + key * 7 + s * 13 + n * 101) % 1000003) from
            (select t - t % 60000 as w, key, sum(value) as s, count(*) as n from (select {t} as t, key, value from {src}) group by 1, 2)""",
    }[work]
    context.sql(query).write_csv(result, with_header=False)
    return datafusion.__version__


def run_chdb():
    import chdb

    def table(stream):
        columns = ", ".join("%s %s" % (name, "String" if kind is str else "Int64") for name, kind in MEMBERS.get(stream, {}).items())
        return "file('%s', %s)" % (pattern_of(stream), "JSONEachRow, '%s'" % columns if path == "file" else "Parquet")

    src = table(next(iter(STREAMS)))
    t = "dateTime" if path == "file" else "toUnixTimestamp64Milli(toDateTime64(ts, 3, 'UTC'))"
    counts = f"""select t - t % 2000 - arrayJoin([0, 1, 2, 3, 4]) * 2000 as w, auction, count() as n from (select {t} as t, auction from {src})
        group by w, auction"""
    query = {
        "W1": f"""select toInt64(toUnixTimestamp(d)) * 1000 as w, id, sum(if(type = 'sell', -amount, amount)), count() from
            (select id, type, amount, toStartOfInterval(parseDateTime(time, '%d-%m-%Y-%H-%i', 'UTC'), interval 5 minute, 'UTC') as d from {src})
            group by w, id""",
        "W2": f"""select event_time - event_time % 10000 as w, campaign_id, count() from {src} s join file('{ADS}', CSVWithNames) a on s.ad_id = a.ad_id
            where event_type = 'view' group by w, campaign_id""",
        "W3-q12": f"select t - t % 10000 as w, bidder, count() from (select {t} as t, bidder from {src}) group by w, bidder",
        "W3-q7": f"select t - t % 10000 as w, 'all', max(price), count() from (select {t} as t, price from {src}) group by w",
        "W3-q5counts": counts,
        "W3-q5": f"with counts as ({counts}) select w, auction, n from counts join (select w, max(n) as n from counts group by w) h using (w, n)",
        "W3-q8": f"""select w, id, name from (select distinct {t} - {t} % 10000 as w, id, name from {src}) p
            join (select distinct {t} - {t} % 10000 as w, seller as id from {table("auctions") if "auctions" in STREAMS else src}) a using (w, id)""",
        "W4": f"""select 0, 'check', count(), sum((intDiv(w, 60000) % 1000 + key * 7 + s * 13 + n * 101) % 1000003) from
            (select t - t % 60000 as w, key, sum(value) as s, toInt64(count()) as n from (select {t} as t, key, value from {src}) group by w, key)""",
    }[work]
    with open(FILE, "wb") as file:
        file.write(chdb.query(query + " settings max_threads = 2", "CSV").bytes())
    return chdb.__version__


ENGINES = {"duckdb": run_duckdb, "polars": run_polars, "datafusion": run_datafusion, "chdb": run_chdb}
print("PEER " + json.dumps({"version": ENGINES[engine]()}))
