"""The workloads in DuckDB's SQL over the view `src` (for W2 `ads` too; for W3-q8 `persons` and `auctions`): what must come out, and what DuckDB as a peer runs."""

TRADE_MS = "epoch_ms(strptime(\"time\", '%d-%m-%Y-%H-%M'))"

BID_COUNTS = "select t - t % 2000 - k * 2000 as w, auction, count(*) as n from src, range(5) r(k) group by 1, 2"

QUERIES = {
    "W1": f"""select {TRADE_MS} - {TRADE_MS} % 300000 as w, id, sum(case when type = 'sell' then -amount else amount end)::bigint, count(*)
        from src group by 1, 2""",
    "W2": "select event_time - event_time % 10000 as w, campaign_id, count(*) from src join ads using (ad_id) where event_type = 'view' group by 1, 2",
    "W3-q5counts": BID_COUNTS,
    "W3-q7": "select t - t % 10000 as w, 'all', max(price), count(*) from src group by 1",
    "W3-q5": f"""with counts as ({BID_COUNTS}),
        highest as (select w, max(n) as n from counts group by w) select w, auction, n from counts join highest using (w, n)""",
    "W3-q8": """select w, id, name from (select distinct t - t % 10000 as w, id, name from persons)
        join (select distinct t - t % 10000 as w, seller as id from auctions) using (w, id)""",
    "W3-q11": """with gaps as (select bidder, t, case when t - lag(t) over (partition by bidder order by t) < 10000 then 0 else 1 end as begins from src),
        sessions as (select bidder, t, sum(begins) over (partition by bidder order by t rows unbounded preceding) as number from gaps)
        select min(t), bidder, count(*) from sessions group by bidder, number""",
    "W3-q12": "select t - t % 10000 as w, bidder, count(*) from src group by 1, 2",
    "W4": """with groups as (select t - t % 60000 as w, key, sum(value)::bigint as s, count(*) as n from src group by 1, 2)
        select 0, 'check', count(*), sum((w // 60000 % 1000 + key * 7 + s * 13 + n * 101) % 1000003)::bigint from groups""",
}

# The streams of a workload that has several, by the folders that they are in.
VIEWS = {"W3-q8": ["persons", "auctions"]}


def run_query(connection, workload, ads, result):
    """Runs a workload over the views of a connection; `ads` is the file of W2's table, `result` the file of what comes out."""
    if workload == "W2":
        connection.execute("create view ads as select * from read_csv(%r)" % ads)
    connection.execute("copy (%s) to '%s' (header false)" % (QUERIES[workload], result))
