#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What bash and zsh complete of moectl. Cases are the functions test_*; check: limit=300 slow kernels=6.1

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh
# shellcheck source=moectl/completion/moectl.bash
. moectl/completion/moectl.bash

# What a press of TAB offers behind a line, as readline splits it, in one line.
tab() { # LINE
	local line=$1 word
	COMP_WORDS=()
	for word in ${line//=/ = }; do
		COMP_WORDS+=("$word")
	done
	[[ $line != *' ' ]] || COMP_WORDS+=('')
	[[ $line != *= ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
	_moectl
	echo "${COMPREPLY[*]}"
}

test_commands() {
	local all
	all=$(moectl --help | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on { print $1 }')
	same "$(xargs <<<"$all")" "$(tab 'moectl ')"
	same 'module modules monitor' "$(tab 'moectl mo' | xargs -n 1 | sort | xargs)"
	same 'monitor' "$(tab 'moectl --json mon')"
	same '' "$(tab 'moectl nothing')"
}

test_options() {
	local text
	text=$(tab 'moectl monitor --')
	has "$text" --min-priority=
	has "$text" --count=
	has "$text" --json
	same --timeout= "$(tab 'moectl run core.ping --ti')"
	same --version "$(tab 'moectl --v')"
	# Every option that the help has is offered.
	for text in $(moectl log --help | grep -oE -- '--[a-z-]+' | sort -u | grep -v -- --help); do
		has " $(tab 'moectl log --')" " $text"
	done
}

test_option_values() {
	has " $(tab 'moectl monitor --type ') " ' user.message '
	has " $(tab 'moectl monitor -t mem_') " ' mem_monitor.level '
	has " $(tab 'moectl log --type mem_') " ' mem_monitor.* '
	same 'user.message' "$(tab 'moectl log --type=user.m')"
	same 'warning' "$(tab 'moectl monitor --min-priority w')"
	same 'critical' "$(tab 'moectl monitor -p c')"
	same '' "$(tab 'moectl publish --priority c')"
	same 'now' "$(tab 'moectl log --since n')"
	has " $(tab 'moectl monitor --source ') " ' mem_monitor '
	same '' "$(tab 'moectl monitor --count ')"
	# An option's value is no argument.
	same 'core.ping' "$(tab 'moectl run --timeout 5 core.p')"
}

test_modules() {
	same 'core mem_monitor' "$(tab 'moectl module ' | xargs -n 1 | sort | xargs)"
	same '' "$(tab 'moectl module core ')"
}

test_schema() {
	local text
	text=" $(tab 'moectl schema ') "
	has "$text" ' mem_monitor '
	has "$text" ' mem_monitor.level '
	has "$text" ' core.ping '
	has "$text" ' event_types '
	has_not "$text" '*'
	has " $(tab 'moectl schema -')" ' --c '
}

test_set() {
	local one
	has " $(tab 'moectl set mem_monitor.')" ' mem_monitor.low= '
	same 'core.flush_us=' "$(tab 'moectl set core.fl')"
	has " $(tab 'moectl set core.flush_us=5 mem')" ' mem_monitor.low='
	# What is counted can't be set.
	grep -q ^mem_monitor.available <<<"$(moectl table params --tab)"
	same '' "$(tab 'moectl set mem_monitor.av')"
	same 'confirm rollback' "$(tab 'moectl set ' | tr ' ' '\n' | grep -v '=$' | xargs)"
	same 'mem_monitor.low mem_monitor.low_bytes' "$(tab 'moectl set confirm mem_monitor.low')"
	for one in $(tab 'moectl set ' | tr ' ' '\n' | grep '=$'); do
		moectl table params --tab | cut -f 1 | grep -qx "${one%=}" || fail "$one is no parameter"
	done
}

test_run() {
	local text
	text=" $(tab 'moectl run ') "
	has "$text" ' core.ping '
	has "$text" ' mem_monitor.sample '
	same 'text= delay=' "$(tab 'moectl run core.ping ')"
	same 'delay=' "$(tab 'moectl run core.ping d')"
	same 'core mem_monitor' "$(tab 'moectl run module.stop name=' | xargs -n 1 | sort | xargs)"
	same 'mem_monitor' "$(tab 'moectl run module.start name=m')"
	has " $(tab 'moectl run param.set name=mem') " ' mem_monitor.low '
	same 'name= value= confirm=' "$(tab 'moectl run param.set ')"
}

test_tables() {
	local table
	for table in $(moectl table); do
		has " $(tab 'moectl table ') " " $table "
	done
	same 'event_types' "$(tab 'moectl table ev')"
	has " $(tab 'moectl table modules ') " ' replace '
	has " $(tab 'moectl table modules delete ') " ' name= '
	same 'stopped' "$(tab 'moectl table modules replace state=st')"
	same 'rollback' "$(tab 'moectl table modules rol')"
	same '' "$(tab 'moectl table modules confirm ')"
	same 'README.md' "$(tab 'moectl table modules load READ')"
	has " $(tab 'moectl table modules --where ') " ' name= '
	same 'stopped' "$(tab 'moectl table modules -w state=st')"
	same 'add' "$(tab 'moectl table modules --confirm 5 ad')"
	same '-version' "$(tab 'moectl table modules --sort=-ver')"
	has " $(tab 'moectl table modules --sort ') " ' state '
}

test_files() {
	same 'README.md' "$(tab 'moectl save READ')"
	same 'README.md' "$(tab 'moectl restore --dry-run READ')"
	same '' "$(tab 'moectl restore README.md READ')"
	same 'mem_monitor' "$(tab 'moectl save --module m')"
	same '--skip-missing' "$(tab 'moectl restore --sk')"
}

test_mem() {
	same 'history' "$(tab 'moectl mem hi')"
	same '' "$(tab 'moectl mem history k')"
	same '--last=' "$(tab 'moectl mem history --la')"
}

test_why() {
	local command
	for command in why timeline; do
		has " $(tab "moectl $command " | xargs) " ' 1 '
		same "$$" "$(tab "moectl $command $$" | xargs -n 1 | grep -x "$$")"
		same 'README.md' "$(tab "moectl $command READ")"
		same '' "$(tab "moectl $command 1 ")"
		same '10m 1h oldest' "$(tab "moectl $command --since " | xargs)"
		same '' "$(tab "moectl $command --until ")"
		has " $(tab "moectl $command --")" ' --address'
		same 'README.md' "$(tab "moectl $command --file READ")"
	done
}

test_incidents() {
	same 'README.md' "$(tab 'moectl replay READ')"
	same 'oldest' "$(tab 'moectl replay --since ')"
	same 'list' "$(tab 'moectl record ')"
	same 'notice none' "$(tab 'moectl record --priority=n' | xargs)"
	same 'core.module' "$(tab 'moectl record --on core.m')"
	same 'docs' "$(tab 'moectl record --directory do')"
	same '' "$(tab 'moectl record --before ')"
	same '--max-files= --max-size=' "$(tab 'moectl record --max' | xargs)"
}

test_watch() {
	local text
	modprobe moeai_fs_logger
	text=$(tab 'moectl watch /tmp --ops ' | xargs)
	has " $text " ' create '
	has " $text " ' close_write '
	has " $text " ' all '
	has " $(tab 'moectl watch ') " ' remove '
	same 'README.md' "$(tab 'moectl watch add READ')"
	moectl watch add /tmp >/dev/null
	same '/tmp' "$(tab 'moectl watch remove ')"
	same 'process path' "$(tab 'moectl files --by p' | xargs)"
	same '' "$(tab 'moectl files --last ')"
	modprobe -r moeai_fs_logger
}

# What anybody may read is enough.
test_unprivileged() {
	# shellcheck disable=SC2016
	nobody bash -c "$(declare -f); "'
		has " $(tab "moectl set mem_monitor.")" " mem_monitor.low= "
		has " $(tab "moectl run ") " " core.ping "
		has " $(tab "moectl monitor --type user")" " user.message"
		same mem_monitor "$(tab "moectl module mem")"'
}

# Without the module nothing is offered, and nothing is said.
test_without_module() {
	modprobe -r moeai_mem_monitor && modprobe -r moeai
	same '' "$(tab 'moectl module ' 2>&1)"
	same '' "$(tab 'moectl run ' 2>&1)"
	has " $(tab 'moectl ') " ' status '
	modprobe moeai && modprobe moeai_mem_monitor
}

# ---- zsh ---------------------------------------------------------------------------------

# In a zsh on a terminal: of each line of the input, "LINE|TEXT|TEXT...", press
# TAB twice behind LINE, and see that it shows the texts.
zsh_shows() {
	# shellcheck disable=SC2016
	python3 -c '
import os, pty, re, select, sys, time

# The hundreds of other completions of zsh would take long to look through.
START = b"""fpath=(%s ${(M)fpath:#*/(Base|Zsh|Completion)})
autoload -Uz compinit; compinit -u -D; LISTMAX=1000; PS1=NO""W"> "
""" % os.path.abspath("moectl/completion").encode()


def await_texts(fd, texts, seconds=90):
    data, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            data += os.read(fd, 65536)
        shown = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[=>])", b" ", data)
        shown = re.sub(rb"[\r\0]", b"", shown).decode(errors="replace")
        if all(text in shown for text in texts):
            return
    sys.exit(f"no {texts} in: {shown}")


pid, fd = pty.fork()
if not pid:
    os.environ.update(TERM="xterm", COLUMNS="120", LINES="60")
    os.execvp("zsh", ["zsh", "-f", "-i"])
os.write(fd, START)
await_texts(fd, ["NOW> "])
for line in sys.stdin:
    line, *texts = line.rstrip("\n").split("|")
    os.write(fd, line.encode() + b"\t\t")
    await_texts(fd, texts)
    # Ctrl-U forgets the line, once zsh has come to it.
    os.write(fd, b"\x15print DO\"\"NE\n")
    await_texts(fd, ["DONE"])
os.kill(pid, 9)
os.waitpid(pid, 0)'
}

test_zsh() {
	zsh -n moectl/completion/_moectl
	zsh_shows <<-'EOF'
		moectl mo|modules|Follow events as they happen
		moectl run core.|core.ping
		moectl run core.ping |comes back as it was sent
		moectl run module.stop name=m|name=mem_monitor
		moectl log --type user.|user.message
		moectl log --min|--min-priority=
		moectl set mem_monitor.lo|mem_monitor.low=
		moectl table event_|event_types
		moectl module mem|mem_monitor
	EOF
}

run_cases
