#!/usr/bin/env python3
"""What a workload must find, computed with DuckDB: reference.py INPUT WORKLOAD RESULT [ADS].

INPUT: a folder of one size, as generate.py made it (ndjson for W1 and W2, parquet for the others). RESULT: lines of
`window start in ms,key,figures`; for W4, whose result has millions of rows, their number and one check sum.
"""

import glob
import os
import sys

import duckdb
from duckdb_queries import VIEWS, run_query

COLUMNS = {
    "W1": "{id:'VARCHAR',type:'VARCHAR',amount:'BIGINT',time:'VARCHAR'}",
    "W2": "{ad_id:'VARCHAR',event_type:'VARCHAR',event_time:'BIGINT'}",
}


def main():
    folder, workload, result = sys.argv[1:4]
    connection = duckdb.connect()
    for view in VIEWS.get(workload, ["src"]):
        files = sorted(glob.glob(os.path.join(folder, "" if view == "src" else view, "part-*")))
        if workload in COLUMNS:
            source = "read_json(%r, format='newline_delimited', columns=%s)" % (files, COLUMNS[workload])
            connection.execute("create view src as select * from " + source)
        else:
            connection.execute("create view %s as select *, epoch_ms(ts) as t from read_parquet(%r)" % (view, files))
    run_query(connection, workload, sys.argv[4] if workload == "W2" else None, result)


if __name__ == "__main__":
    main()
