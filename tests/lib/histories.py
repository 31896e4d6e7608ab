#!/usr/bin/env python3
"""histories.py SEED COUNT STEPS: writes COUNT random histories of tables, one database each (h1, h2, ...), mixed into
one list of statements, each a transaction of its own: "DATABASE<tab>STATEMENT". Rows and changes of definitions come
in turns; columns are of few types, so that rows in the wrong columns are not noticed by their type."""
import random
import sys

TYPES = ["INT", "INT", "INT", "BIGINT", "VARCHAR(20)", "VARCHAR(30)", "DECIMAL(8,2)", "DATETIME(3)"]


class Table:
    def __init__(self, columns):
        self.columns = columns  # [name, type], but for id
        self.ids = []


class History:
    def __init__(self, db, rng):
        self.db, self.rng = db, rng
        self.tables, self.out, self.number = {}, [], 0

    def say(self, text):
        self.out.append((self.db, text))

    def new_name(self, what):
        self.number += 1
        return f"{what}{self.number}"

    def column(self):
        return [self.new_name("c"), self.rng.choice(TYPES)]

    def create(self, name=None):
        name = name or self.new_name("t")
        columns = [self.column() for _ in range(self.rng.randint(2, 4))]
        keys = f", KEY ({columns[0][0]})" if self.rng.random() < 0.3 else ""
        self.say(f"CREATE TABLE {name} (id INT PRIMARY KEY, "
                 + ", ".join(f"{c} {t}" for c, t in columns) + f"{keys}) CHARSET=utf8mb4")
        self.tables[name] = Table(columns)

    def value(self, kind):
        n = self.rng.randint(-500, 500)
        if kind == "DATETIME(3)":
            return f"'2026-01-0{self.rng.randint(1, 9)} 10:00:00.{abs(n):03}'"
        if kind.startswith("VARCHAR"):
            return f"'{n}'"
        return str(n)

    def pick(self):
        return self.rng.choice(list(self.tables))

    def rows(self):
        name = self.pick()
        table = self.tables[name]
        kind = self.rng.random()
        if kind < 0.6 or not table.ids:
            ids = [len(table.ids) * 3 + i + 1 for i in range(self.rng.randint(1, 3))]
            ids = [i for i in ids if i not in table.ids] or [max(table.ids) + 1]
            names = ", ".join(["id"] + [c for c, _ in table.columns])
            rows = ", ".join("(" + ", ".join([str(i)] + [self.value(t) for _, t in table.columns]) + ")" for i in ids)
            self.say(f"INSERT INTO {name} ({names}) VALUES {rows}")
            table.ids += ids
        elif kind < 0.85 and table.columns:
            c, t = self.rng.choice(table.columns)
            self.say(f"UPDATE {name} SET {c} = {self.value(t)} WHERE id = {self.rng.choice(table.ids)}")
        else:
            gone = self.rng.choice(table.ids)
            table.ids.remove(gone)
            self.say(f"DELETE FROM {name} WHERE id = {gone}")

    # ---- definitions

    def place(self, table, but=None):
        names = ["id"] + [c for c, _ in table.columns if c != but]
        kind = self.rng.random()
        if kind < 0.3:
            return "", len(table.columns) - (but is not None)
        if kind < 0.4:
            return " FIRST", None
        after = self.rng.choice(names)
        return f" AFTER {after}", names.index(after)

    def add(self):
        name = self.pick()
        table = self.tables[name]
        made = self.column()
        where, at = self.place(table)
        self.say(f"ALTER TABLE {name} ADD COLUMN {made[0]} {made[1]}{where}")
        table.columns.insert(at if at is not None else 0, made)

    def drop(self):
        name = self.pick()
        table = self.tables[name]
        if len(table.columns) < 2:
            return self.add()
        gone = self.rng.choice(table.columns)
        self.say(f"ALTER TABLE {name} DROP COLUMN {gone[0]}")
        table.columns.remove(gone)

    def reorder(self):
        name = self.pick()
        table = self.tables[name]
        moved = self.rng.choice(table.columns)
        where, at = self.place(table, moved[0])
        self.say(f"ALTER TABLE {name} MODIFY {moved[0]} {moved[1]}{where}")
        if where:
            table.columns.remove(moved)
            table.columns.insert(at if at is not None else 0, moved)

    def retype(self):
        name = self.pick()
        table = self.tables[name]
        wider = {"INT": "BIGINT", "VARCHAR(20)": "VARCHAR(30)", "DECIMAL(8,2)": "DECIMAL(10,2)"}
        for column in table.columns:
            if column[1] in wider:
                column[1] = wider[column[1]]
                return self.say(f"ALTER TABLE {name} MODIFY {column[0]} {column[1]}")
        return self.add()

    def rename_column(self):
        name = self.pick()
        table = self.tables[name]
        column = self.rng.choice(table.columns)
        old, column[0] = column[0], self.new_name("c")
        if self.rng.random() < 0.5:
            self.say(f"ALTER TABLE {name} RENAME COLUMN {old} TO {column[0]}")
        else:
            self.say(f"ALTER TABLE {name} CHANGE `{old}` `{column[0]}` {column[1]} DEFAULT NULL COMMENT 'it''s'")

    def swap_columns(self):
        name = self.pick()
        table = self.tables[name]
        for i, a in enumerate(table.columns):
            for b in table.columns[i + 1:]:
                if a[1] == b[1]:
                    self.say(f"ALTER TABLE {name} CHANGE {a[0]} {b[0]} {b[1]}, CHANGE {b[0]} {a[0]} {a[1]}")
                    a[0], b[0] = b[0], a[0]
                    return None
        return self.reorder()

    def rename_table(self):
        name = self.pick()
        new = self.new_name("t")
        if self.rng.random() < 0.5:
            self.say(f"RENAME TABLE {name} TO {new}")
        else:
            self.say(f"ALTER TABLE {name} RENAME TO {new}")
        self.tables[new] = self.tables.pop(name)

    def swap_tables(self):
        if len(self.tables) < 2:
            return self.create()
        a, b = self.rng.sample(list(self.tables), 2)
        self.say(f"RENAME TABLE {a} TO swap, {b} TO {a}, swap TO {b}")
        self.tables[a], self.tables[b] = self.tables[b], self.tables[a]
        return None

    def create_like(self):
        name = self.pick()
        new = self.new_name("t")
        self.say(f"CREATE TABLE {new} LIKE {name}")
        self.tables[new] = Table([list(c) for c in self.tables[name].columns])

    def drop_table(self):
        if len(self.tables) < 2:
            return self.create()
        name = self.pick()
        self.say(f"DROP TABLE {name}")
        del self.tables[name]
        return self.create(name) if self.rng.random() < 0.5 else None

    def index(self):
        name = self.pick()
        column = self.rng.choice(self.tables[name].columns)
        key = self.new_name("k")
        self.say(self.rng.choice([f"CREATE INDEX {key} ON {name} ({column[0]})",
                                  f"ALTER TABLE {name} ADD INDEX {key} ({column[0]} DESC)"]))

    def other(self):
        name = self.pick()
        what = self.rng.choice(["ENGINE=InnoDB", "COMMENT='x, y'", "PARTITION BY HASH (id) PARTITIONS 3",
                                "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                                "AUTO_INCREMENT = 7, ROW_FORMAT = DYNAMIC"])
        self.say(f"ALTER TABLE {name} {what}")

    def truncate(self):
        name = self.pick()
        self.say(f"TRUNCATE TABLE {name}")
        self.tables[name].ids = []

    def both(self):
        """Several clauses at once."""
        name = self.pick()
        table = self.tables[name]
        first, last = self.column(), self.column()
        moved = self.rng.choice(table.columns)
        self.say(f"ALTER TABLE {name} ADD {first[0]} {first[1]} FIRST, MODIFY {moved[0]} {moved[1]} AFTER {first[0]}, "
                 f"ADD COLUMN ({last[0]} {last[1]})")
        table.columns.remove(moved)
        table.columns = [moved] + table.columns + [last]
        table.columns.insert(0, first)

    def step(self):
        if self.rng.random() < 0.6:
            return self.rows()
        return self.rng.choice([self.add, self.drop, self.reorder, self.reorder, self.retype, self.rename_column,
                                self.swap_columns, self.swap_columns, self.rename_table, self.swap_tables,
                                self.create, self.create_like, self.drop_table, self.index, self.other, self.truncate,
                                self.both])()


def main():
    seed, count, steps = (int(x) for x in sys.argv[1:4])
    rng = random.Random(seed)
    histories = [History(f"h{i + 1}", random.Random(rng.random())) for i in range(count)]
    for history in histories:
        history.create()
        history.create()
        for _ in range(steps):
            history.step()
    while any(h.out for h in histories):
        history = rng.choice([h for h in histories if h.out])
        for _ in range(min(rng.randint(1, 4), len(history.out))):
            print("\t".join(history.out.pop(0)))


main()
