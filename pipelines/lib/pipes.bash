# Pipes between processes that a pipeline starts one by one.
# shellcheck shell=bash disable=SC2094

pipe_read='' # the ends of the pipe that make_pipe has made
pipe_write=''

# Makes a pipe whose ends no other process holds.
make_pipe() {
	local both
	exec {both}<> <(:)
	exec {pipe_read}<"/proc/self/fd/$both" {pipe_write}>"/proc/self/fd/$both" {both}>&-
}
