#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What bash and zsh complete of moectl. Cases are the functions test_*; check: limit=300

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
	for one in $(tab 'moectl set '); do
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
	same 'name= value=' "$(tab 'moectl run param.set ')"
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

# Press TAB twice in a zsh on a terminal, and see what it lists.
zsh_tab() { # LINE
	python3 - "$1" <<'PYTHON'
import os, pty, re, select, sys, time

def read_until(fd, mark, seconds):
    data, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data += os.read(fd, 65536)
            except OSError:
                break
            if mark and mark in data:
                break
        elif data and not mark:
            break
    return data

pid, fd = pty.fork()
if not pid:
    os.environ.update(TERM="xterm", COLUMNS="120", LINES="60", PS1="READY> ")
    os.execvp("zsh", ["zsh", "-f", "-i"])
# The hundreds of other programs' completions would take long to look through.
os.write(fd, b"fpath=(%s ${(M)fpath:#*/(Base|Zsh|Completion)}); autoload -Uz compinit; "
         b"compinit -u -D; LISTMAX=1000; PS1='NO'W'> '\n"
         % os.path.abspath("moectl/completion").encode())
read_until(fd, b"NOW> ", 120)
os.write(fd, sys.argv[1].encode() + b"\t\t")
time.sleep(1)
data, end = b"", time.monotonic() + 60
while time.monotonic() < end:
    more = read_until(fd, None, 4)
    if not more:
        break
    data += more
os.kill(pid, 9)
os.waitpid(pid, 0)
text = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[=>])", b" ", data)
print(text.replace(b"\r", b"").replace(b"\0", b"").decode(errors="replace"))
PYTHON
}

test_zsh() {
	local text
	zsh -n moectl/completion/_moectl
	text=$(zsh_tab 'moectl mo')
	has "$text" 'modules'
	has "$text" 'Follow events as they happen'
	has "$(zsh_tab 'moectl run core.')" 'core.ping'
	has "$(zsh_tab 'moectl run core.ping ')" 'comes back as it was sent'
	has "$(zsh_tab 'moectl run module.stop name=m')" 'name=mem_monitor'
	has "$(zsh_tab 'moectl log --type user.')" 'user.message'
	has "$(zsh_tab 'moectl log --min')" '--min-priority='
}

run_cases
