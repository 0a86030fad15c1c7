#!/usr/bin/env python3
"""Makes the records of the peer workloads, the same bytes each time.

    generate.py FOLDER DATA FORMAT SCALE        DATA: W1 W2 W3 W3-q8 W4; FORMAT: ndjson, or parquet for W3, W3-q8 and W4, and bin for W3 and W4

Writes FOLDER/{tiny,M,L}/part-000K.FORMAT, parts in order of time, and z-flush.FORMAT beside them: one record two days
ahead whose only purpose is to move the watermark past every window. W2 has FOLDER/ads.csv besides; W3-q8 has two streams,
in folders of their own within each size. `bin` is rows of little-endian int64, for engines that read columns in no other
way. Every random number is splitmix64 of (seed, field, index): no library's generator is used, so any language can make
the same bytes.
"""

import os
import sys

import numpy as np

SEED = 20240229
FIRST_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
FLUSH_MS = FIRST_MS + 2 * 86_400_000
PARTS = 8
TINY = 10_000
CHUNK = 500_000
RECORDS = {"W1": 4_000_000, "W2": 4_000_000, "W3": 4_000_000, "W3-q8": 4_000_000, "W4": 10_000_000}


def draws(field, index):
    """splitmix64 of (SEED, field, index) as uint64."""
    with np.errstate(over="ignore"):
        start = (SEED * 1000003 + field * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
        z = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def below(field, index, bound):
    return (draws(field, index) % np.uint64(bound)).astype(np.int64)


def unit(field, index):
    return (draws(field, index) >> np.uint64(11)).astype(np.float64) * (1.0 / (1 << 53))


def uuids(high_field, low_field, count):
    index = np.arange(count)
    texts = ["%016x%016x" % pair for pair in zip(draws(high_field, index).tolist(), draws(low_field, index).tolist())]
    return [t[:8] + "-" + t[8:12] + "-4" + t[13:16] + "-a" + t[17:20] + "-" + t[20:] for t in texts]


class Trades:
    """W1: twelve hours of event time whatever the size; one record in five late, by up to 539 s."""

    flush = '{"id":"flush","type":"buy","amount":1,"time":"03-01-2026-00-00"}\n'

    def lines(self, first, end, total):
        i = np.arange(first, end)
        span = 12 * 3600 * 1000
        late = below(1, i, 100) < 20
        ms = FIRST_MS + (i * (span / total)).astype(np.int64) - np.where(late, below(2, i, 539_000), below(3, i, 5_000))
        minutes, place = np.unique(ms // 60000, return_inverse=True)
        iso = minutes.astype("datetime64[m]").astype(str)
        texts = np.array([s[8:10] + "-" + s[5:7] + "-" + s[0:4] + "-" + s[11:13] + "-" + s[14:16] for s in iso], dtype=object)
        kinds = ("buy", "sell")
        rows = zip(below(4, i, 1000).tolist(), [kinds[k] for k in below(5, i, 2).tolist()], (below(6, i, 10_000) + 1).tolist(), texts[place].tolist())
        return ['{"id":"acct-%04d","type":"%s","amount":%d,"time":"%s"}\n' % row for row in rows]


class Ads:
    """W2: the Yahoo Streaming Benchmark's events, 20,000 a second, up to half a second out of order."""

    campaigns, ads_per_campaign = 100, 10
    ad_types = ("banner", "modal", "sponsored-search", "mail", "mobile")
    event_types = ("view", "click", "purchase")
    line = '{"user_id":"%s","page_id":"%s","ad_id":"%s","ad_type":"%s","event_type":"%s","event_time":%d,"ip_address":"%d.%d.%d.%d"}\n'

    def __init__(self):
        self.ads = uuids(20, 21, self.campaigns * self.ads_per_campaign)
        self.campaign_ids = uuids(22, 23, self.campaigns)
        self.users, self.pages = uuids(24, 25, 10_000), uuids(26, 27, 10_000)
        self.flush = self.line % ("flush", "flush", self.ads[0], "banner", "view", FLUSH_MS, 0, 0, 0, 0)

    def table(self):
        rows = ["%s,%s\n" % (ad, self.campaign_ids[k // self.ads_per_campaign]) for k, ad in enumerate(self.ads)]
        return ["ad_id,campaign_id\n"] + rows

    def lines(self, first, end, total):
        i = np.arange(first, end)
        ms = FIRST_MS + i // 20 - below(30, i, 500)
        drawn = [below(31, i, 10_000), below(32, i, 10_000), below(33, i, len(self.ads)), below(34, i, 5), below(35, i, 3), ms, below(36, i, 1 << 32)]
        return [
            self.line % (self.users[u], self.pages[p], self.ads[a], self.ad_types[t], self.event_types[e], at, ip & 255, ip >> 8 & 255, ip >> 16 & 255, ip >> 24 & 255)
            for u, p, a, t, e, at, ip in zip(*[column.tolist() for column in drawn])
        ]


def bidder_or_seller(hot_field, cold_field, index, last_person, first_hot):
    """The draw of a person: one in a hundred is hot, the others are among the last thousand (or will come soon)."""
    active = np.minimum(last_person, 1000)
    cold = last_person - active + (unit(cold_field, index) * (active + 10)).astype(np.int64)
    return np.where(below(hot_field, index, 4) > 0, last_person // 100 * 100 + first_hot, cold) + 1000


class Bids:
    """W3: Nexmark's bids, with its draws of hot auctions and hot bidders, 10,000 events a second (46 of 50 are bids), in order."""

    hot_channels = ("Google", "Facebook", "Baidu", "Apple")
    line = '{"auction":%d,"bidder":%d,"price":%d,"channel":"%s","url":"https://www.nexmark.com/item.htm?query=1&channel_id=%d","dateTime":%d,"extra":"%s"}\n'
    flush = '{"auction":1,"bidder":1,"price":1,"channel":"flush","url":"","dateTime":%d,"extra":""}\n' % FLUSH_MS
    flush_columns = {"auction": 1, "bidder": 1, "price": 1, "ts": FLUSH_MS}

    def columns(self, first, end, total):
        i = np.arange(first, end)
        event = (i // 46) * 50 + 4 + i % 46  # in each 50: a person, three auctions, 46 bids
        epoch = event // 50
        last_person, last_auction = epoch, epoch * 3 + 2
        min_auction = np.maximum(last_auction - 100, 0)
        cold_auction = min_auction + (unit(41, i) * (last_auction - min_auction + 1 + 10)).astype(np.int64)
        auction = np.where(below(40, i, 2) > 0, last_auction // 100 * 100, cold_auction) + 1000
        bidder = bidder_or_seller(42, 43, i, last_person, 1)
        price = np.round(np.power(10.0, unit(44, i) * 6) * 100).astype(np.int64)
        return {"auction": auction, "bidder": bidder, "price": price, "ts": FIRST_MS + event // 10}

    def lines(self, first, end, total):
        i = np.arange(first, end)
        channel = np.where(below(45, i, 2) > 0, below(46, i, 4), 4 + below(47, i, 10_000))
        columns = [column.tolist() for column in self.columns(first, end, total).values()]
        return [
            self.line % (a, b, p, self.hot_channels[c] if c < 4 else "channel-%d" % (c - 4), c, ms, "x" * (a % 40))
            for a, b, p, ms, c in zip(*columns, channel.tolist())
        ]


class Persons:
    """W3-q8: Nexmark's persons, the first of each 50 of its events."""

    first_names = ("Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter")
    last_names = ("Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris")
    cities = ("Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne")
    line = '{"id":%d,"name":"%s","emailAddress":"%s@%s.com","creditCard":"%04d %04d %04d %04d","city":"%s","state":"%s","dateTime":%d,"extra":"%s"}\n'
    flush = line % (1, "flush", "", "", 0, 0, 0, 0, "", "", FLUSH_MS, "")
    flush_columns = {"id": 1, "name": "flush", "ts": FLUSH_MS}

    def columns(self, first, end, total):
        i = np.arange(first, end)
        drawn = zip(below(60, i, len(self.first_names)).tolist(), below(61, i, len(self.last_names)).tolist())
        names = [self.first_names[a] + " " + self.last_names[b] for a, b in drawn]
        return {"id": i + 1000, "name": names, "ts": FIRST_MS + i * 50 // 10}

    def lines(self, first, end, total):
        i = np.arange(first, end)
        columns = self.columns(first, end, total)
        cards = [below(62 + part, i, 10_000).tolist() for part in range(4)]
        places = below(66, i, len(self.cities)).tolist()
        rows = zip(columns["id"].tolist(), columns["name"], *cards, places, columns["ts"].tolist())
        return [
            self.line % (number, name, name.replace(" ", "."), "mail%d" % (a % 50), a, b, c, d, self.cities[p], "az ca id or wa wy".split()[p % 6], ms, "x" * (b % 90))
            for number, name, a, b, c, d, p, ms in rows
        ]


class Auctions:
    """W3-q8: Nexmark's auctions, the second to fourth of each 50 of its events."""

    line = '{"id":%d,"itemName":"item %d","description":"%s","initialBid":%d,"reserve":%d,"dateTime":%d,"expires":%d,"seller":%d,"category":%d,"extra":"%s"}\n'
    flush = line % (1, 1, "", 1, 1, FLUSH_MS, FLUSH_MS, 1, 10, "")
    flush_columns = {"seller": 1, "ts": FLUSH_MS}

    def columns(self, first, end, total):
        i = np.arange(first, end)
        last_person = i // 3
        event = last_person * 50 + 1 + i % 3
        return {"seller": bidder_or_seller(70, 71, i, last_person, 0), "ts": FIRST_MS + event // 10}

    def lines(self, first, end, total):
        i = np.arange(first, end)
        bids, texts = below(72, i, 1000).tolist(), below(73, i, 100).tolist()
        rows = zip(range(first, end), *[column.tolist() for column in self.columns(first, end, total).values()], bids, texts)
        return [
            self.line % (k + 1000, k, "y" * (text + 20), bid + 1, bid + 1 + text, ms, ms + 1000 * text, seller, 10 + k % 5, "x" * (bid % 120))
            for k, seller, ms, bid, text in rows
        ]


class ManyKeys:
    """W4: a million keys, 10,000 rows a second."""

    flush_columns = {"key": -1, "ts": FLUSH_MS, "value": 0}

    def columns(self, first, end, total):
        i = np.arange(first, end)
        return {"key": below(50, i, 1_000_000), "ts": FIRST_MS + i // 10, "value": below(51, i, 1_000_000)}


# The streams of each data, by the folder that they are in: what they are made by, and how many of four records are theirs.
STREAMS = {
    "W1": {"": (Trades, 4)},
    "W2": {"": (Ads, 4)},
    "W3": {"": (Bids, 4)},
    "W3-q8": {"persons": (Persons, 1), "auctions": (Auctions, 3)},
    "W4": {"": (ManyKeys, 4)},
}


def write_lines(path, source, first, end, total):
    with open(path, "w") as file:
        for at in range(first, end, CHUNK):
            file.writelines(source.lines(at, min(end, at + CHUNK), total))


def write_columns(path, form, columns):
    if form == "bin":
        np.stack(list(columns.values()), axis=1).astype("<i8").tofile(path)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(column, pa.timestamp("ms")) if name == "ts" else pa.array(column) for name, column in columns.items()}
    pq.write_table(pa.table(arrays), path, row_group_size=125_000, compression="snappy")


def write_stream(folder, form, source, per_part, tiny):
    """Writes all sizes of one stream; `folder` has a {size} in it."""
    total = per_part * PARTS
    for size in ("tiny", "M", "L"):
        os.makedirs(folder.format(size=size), exist_ok=True)

    def path_of(size, name):
        return os.path.join(folder.format(size=size), "%s.%s" % (name, form))

    def write(path, first, end):
        if form == "ndjson":
            write_lines(path, source, first, end, total)
        else:
            write_columns(path, form, source.columns(first, end, total))

    write(path_of("tiny", "part-0000"), 0, tiny)
    for part in range(PARTS):
        name = "part-%04d" % part
        write(path_of("L", name), part * per_part, (part + 1) * per_part)
        if part < 2:
            os.link(path_of("L", name), path_of("M", name))
    for size in ("tiny", "M", "L"):
        if form == "ndjson":
            with open(path_of(size, "z-flush"), "w") as file:
                file.write(source.flush)
        else:
            write_columns(path_of(size, "z-flush"), form, {name: np.array([value]) for name, value in source.flush_columns.items()})


def main():
    folder, data, form, scale = sys.argv[1:5]
    per_part = int(RECORDS[data] * float(scale)) // PARTS
    for name, (kind, share) in STREAMS[data].items():
        source = kind()
        write_stream(os.path.join(folder, "{size}", name), form, source, per_part * share // 4, TINY * share // 4)
        if data == "W2":
            with open(os.path.join(folder, "ads.csv"), "w") as file:
                file.writelines(source.table())


if __name__ == "__main__":
    main()
