#!/usr/bin/env python3
"""What a workload must find, computed with DuckDB: reference.py INPUT WORKLOAD RESULT [ADS].

INPUT: a folder of one size, as generate.py made it (ndjson for W1 and W2, parquet for W3 and W4). RESULT: lines of
`window start in ms,key,figures`; for W4, whose result has millions of rows, their number and one check sum.
"""

import glob
import os
import sys

import duckdb

COLUMNS = {
    "W1": "{id:'VARCHAR',type:'VARCHAR',amount:'BIGINT',time:'VARCHAR'}",
    "W2": "{ad_id:'VARCHAR',event_type:'VARCHAR',event_time:'BIGINT'}",
}
TRADE_MS = "epoch_ms(strptime(\"time\", '%d-%m-%Y-%H-%M'))"
QUERIES = {
    "W1": f"""select {TRADE_MS} - {TRADE_MS} % 300000 as w, id, sum(case when type = 'sell' then -amount else amount end)::bigint, count(*)
        from src group by 1, 2""",
    "W2": "select event_time - event_time % 10000 as w, campaign_id, count(*) from src join ads using (ad_id) where event_type = 'view' group by 1, 2",
    "W3-q5counts": "select t - t % 2000 - k * 2000 as w, auction, count(*) from src, range(5) r(k) group by 1, 2",
    "W3-q7": "select t - t % 10000 as w, 'all', max(price), count(*) from src group by 1",
    "W3-q11": """with gaps as (select bidder, t, case when t - lag(t) over (partition by bidder order by t) < 10000 then 0 else 1 end as begins from src),
        sessions as (select bidder, t, sum(begins) over (partition by bidder order by t rows unbounded preceding) as number from gaps)
        select min(t), bidder, count(*) from sessions group by bidder, number""",
    "W3-q12": "select t - t % 10000 as w, bidder, count(*) from src group by 1, 2",
    "W4": """with groups as (select t - t % 60000 as w, key, sum(value)::bigint as s, count(*) as n from src group by 1, 2)
        select 0, 'check', count(*), sum((w // 60000 % 1000 + key * 7 + s * 13 + n * 101) % 1000003)::bigint from groups""",
}


def main():
    folder, workload, result = sys.argv[1:4]
    files = sorted(path for path in glob.glob(os.path.join(folder, "part-*")))
    connection = duckdb.connect()
    if workload in COLUMNS:
        source = "read_json(%r, format='newline_delimited', columns=%s)" % (files, COLUMNS[workload])
        connection.execute("create view src as select * from " + source)
    else:
        connection.execute("create view src as select *, epoch_ms(ts) as t from read_parquet(%r)" % files)
    if workload == "W2":
        connection.execute("create view ads as select * from read_csv(%r)" % sys.argv[4])
    connection.execute("copy (%s) to '%s' (header false)" % (QUERIES[workload], result))


if __name__ == "__main__":
    main()
