# usage: what mi-import --help prints.
# shellcheck shell=bash

usage() {
	cat <<-'EOF_USAGE'
		usage: mi-import SUBCOMMAND [options] STATE-FOLDER
		Moves a live database to another server, phase by phase.

		  init              make the state folder
		  check             what stands in the way, on both sides
		  start             copy, follow, and let reads go to the target
		  status            where it stands
		  switch primary    writes go to the target, and flow back to the source
		  switch replica    writes go to the source again
		  finish            the source is not needed any more
		  cancel            the target is not wanted any more; writes are on the source
		  step              whatever is due: for cron, every minute

		init:
		  -c, --config=FILE      option file with the groups of both servers (default ~/.my.cnf)
		  -s, --source=NAME      group [client_NAME] of the source (default source)
		  -t, --target=NAME      group [client_NAME] of the target (default target)
		  -w, --writer=NAME      group [client_NAME] that writes go to, where the source is its replica
		  -d, --databases=DB     database to import; may be given again
		  -T, --tables=DB.TABLE  only these tables; may be given again
		  -X, --exclude=DB.TABLE but not these; may be given again
		      --map-db=OLD=NEW   database OLD is called NEW on the target
		      --users=FILE       the router's users file, to be kept in the folder
		      --skip-invalid-views   leave out views that the source itself cannot read
		      --state-db=DB      database of the bookkeeping tables (default: the first by name)
		check, start:
		      --ignore=ID        a finding of mi-check to accept; may be given again
		      --threads=N        start: readers and writers of the copy
		      --lock=HOW         start: how its snapshot is taken, as mi-dump takes it (auto)
		      --max-rate=SIZE    start: bytes of rows a second of the copy, at most
		switch, cancel:
		      --evict            end sessions that cannot move
		      --despite-incompatible  switch primary: though reads failed at the target in the last hour
		      --abandon-target-writes  cancel: do without what the source has not got yet

		  -h, --help             print this and exit
	EOF_USAGE
}
