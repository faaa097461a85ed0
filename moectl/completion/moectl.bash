# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bash completion for moectl. What there is to complete is asked when it is
# wanted: commands and options from moectl's help, everything else from the
# kernel, by tables that anybody may read.

_moectl_commands() {
	moectl --help 2>/dev/null | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on { print $1 }'
}

# Of a command, or with '' of moectl itself; those with a value end in '='.
_moectl_options() { # COMMAND
	moectl ${1:+"$1"} --help 2>/dev/null |
		awk '/^ .*  --[a-z]/ || /^  -., --[a-z]/ {
			match($0, /--[a-z-]+=?/); print substr($0, RSTART, RLENGTH) }'
}

# Fields of table "fields": KIND OWNER; prints name, type, labels, by tabs.
_moectl_fields() {
	moectl table fields --tab 2>/dev/null |
		awk -F '\t' -v OFS='\t' -v kind="$1" -v owner="$2" \
			'$1 == kind && $2 == owner { print $4, $5, $10 }'
}

_moectl_modules() { moectl modules --tab 2>/dev/null | cut -f 1; }
_moectl_calls() { moectl table commands --tab 2>/dev/null | cut -f 2; }

# Names of event types, and what stands for all of a module's.
_moectl_types() {
	moectl table event_types --tab 2>/dev/null |
		awk -F '\t' '{ print $2; sub(/\..*/, ".*", $2) } !seen[$2]++ { print $2 }'
}

# "module.parameter", those that can be set if we may ask, else all.
_moectl_params() {
	local writable
	writable=$(moectl table params --tab 2>/dev/null |
		awk -F '\t' '$6 == 1 { print $1 }')
	if [ -n "$writable" ]; then
		printf '%s\n' "$writable"
	else
		moectl table fields --tab 2>/dev/null | awk -F '\t' '$1 == "param" { print $2 "." $4 }'
	fi
}

# What can be asked about that is at hand: who runs, and who is blocked or was found.
_moectl_things() {
	local one
	for one in /proc/[0-9]*; do
		echo "${one#/proc/}"
	done
	moectl table net_guard.offenders --tab 2>/dev/null | cut -f 1 | sed 's,/\(32\|128\)$,,'
}

# What a field's value can be: KIND OWNER NAME.
_moectl_values() {
	_moectl_fields "$1" "$2" | awk -F '\t' -v name="$3" '$1 == name {
		if ($2 == "bool") print "true\nfalse"
		n = split($3, labels, "|")
		for (i = 1; i <= n; i++) print labels[i]
	}'
}

# The values of an option; word and arguments are its caller's.
_moectl_option_values() { # COMMAND OPTION
	case $2 in
	-t | --type | --on) _moectl_types ;;
	-S | --source) _moectl_modules && echo user ;;
	-s | --since)
		case $1 in
		why | timeline) printf '%s\n' 10m 1h oldest ;;
		replay) echo oldest ;;
		*) printf '%s\n' now oldest ;;
		esac
		;;
	--until) ;;
	-p | --priority | --min-priority)
		printf '%s\n' debug info notice warning
		[ "$1" = publish ] || echo critical
		[ "$1" != record ] || echo none
		;;
	-x | --transport) printf '%s\n' auto mapped netlink ;;
	-w | --where) _moectl_candidates "$word" table "${arguments[0]-}" where ;;
	--module) _moectl_modules ;;
	-f | --file) compgen -f -- "$word" ;;
	--directory) compgen -d -- "$word" ;;
	-b | --by) printf '%s\n' process path user ;;
	--ops) _moectl_fields table fs_logger.watches | awk -F '\t' '$1 == "ops" { gsub(/\|/, "\n", $3); print $3; print "all" }' ;;
	-n | --count | -T | --timeout | --confirm | --for | --reason | --exclude | --fold | -l | --last | \
		--offset | --length | --before | --after | --max-files | --max-size) ;;
	--sort)
		case $1-${arguments[0]-} in
		guard-list) _moectl_fields table net_guard.rules ;;
		guard-*) _moectl_fields table net_guard.offenders ;;
		shmem-*) _moectl_fields table shmem ;;
		*) _moectl_fields table "${arguments[0]-}" ;;
		esac | awk '{ print $1; print "-" $1 }'
		;;
	*) return 1 ;;
	esac
}

# The words that can stand next: WORD COMMAND ARGUMENT...; arguments are what
# stands before WORD, options left out. A word that is not whole ends in '='.
_moectl_candidates() {
	local word=$1 command=$2 key=${1%%=*}
	shift 2
	case $command in
	'') _moectl_commands ;;
	module) [ $# -gt 0 ] || _moectl_modules ;;
	set)
		case $word in
		*=*) _moectl_values param "${key%%.*}" "${key#*.}" | sed "s/^/$key=/" ;;
		*)
			[ $# -gt 0 ] || printf '%s\n' confirm rollback
			case ${1-} in
			confirm | rollback) _moectl_params ;;
			*) _moectl_params | sed 's/$/=/' ;;
			esac
			;;
		esac
		;;
	run)
		if [ $# -eq 0 ]; then
			_moectl_calls
		elif [[ $word != *=* ]]; then
			_moectl_fields args "$1" | cut -f 1 | sed 's/$/=/'
		elif [[ $1 == module.* && $key == name ]]; then
			_moectl_modules | sed 's/^/name=/'
		elif [[ $1 == param.* && $key == name ]]; then
			_moectl_params | sed 's/^/name=/'
		else
			_moectl_values args "$1" "$key" | sed "s/^/$key=/"
		fi
		;;
	schema) { _moectl_modules && _moectl_types && _moectl_calls && moectl table --tab; } 2>/dev/null |
		grep -v '\*$' ;;
	guard)
		if [ $# -eq 0 ]; then
			printf '%s\n' block allow shadow remove load sync list offenders explain mode confirm \
				rollback
		elif [ "$1" = mode ] && [ $# -eq 1 ]; then
			_moectl_values param net_guard mode
		elif [[ $1 == @(load|sync) ]]; then
			compgen -f -- "$word"
		fi
		;;
	mem) [ $# -gt 0 ] || printf '%s\n' now consumers history kills follow ;;
	why | timeline)
		if [ $# -eq 0 ]; then
			_moectl_things
			compgen -f -- "$word"
		fi
		;;
	record) [ $# -gt 0 ] || echo list ;;
	save | restore | replay) [ $# -gt 0 ] || compgen -f -- "$word" ;;
	watch)
		if [ $# -eq 0 ]; then
			printf '%s\n' add remove list
			compgen -f -- "$word"
		elif [[ $1 == add && $# -eq 1 ]]; then
			compgen -f -- "$word"
		elif [[ $1 == remove && $# -eq 1 ]]; then
			moectl table fs_logger.watches --where holder=0 --tab 2>/dev/null | cut -f 1
		fi
		;;
	shmem)
		if [ $# -eq 0 ]; then
			printf '%s\n' list dump
		elif [[ $1 == dump && $# -eq 1 ]]; then
			moectl table shmem --where state=alive --tab 2>/dev/null | cut -f 1
		fi
		;;
	table)
		if [ $# -eq 0 ]; then
			moectl table --tab 2>/dev/null
		elif [ $# -eq 1 ]; then
			printf '%s\n' add replace delete flush load confirm rollback
		elif [ "$2" = load ]; then
			compgen -f -- "$word"
		elif [[ $2 == @(flush|confirm|rollback) ]]; then
			:
		elif [[ $word == *=* ]]; then
			_moectl_values table "$1" "$key" | sed "s/^/$key=/"
		else
			_moectl_fields table "$1" | cut -f 1 | sed 's/$/=/'
		fi
		;;
	esac
}

_moectl() {
	local words=() word command='' previous='' arguments=() i candidates

	# readline makes words of "a=b"; whole again, up to the cursor.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [ ${#words[@]} -gt 0 ] && [[ $word == '='* || ${words[-1]} == *= ]] &&
			[[ ${words[-1]} != = ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
	word=${words[-1]-}
	[ ${#words[@]} -eq 0 ] || unset 'words[-1]'

	for i in "${words[@]}"; do
		if [[ $previous == -[a-zA-Z] || $previous == --[a-z]* ]] && [ -n "$command" ] &&
			_moectl_option_values "$command" "$previous" >/dev/null; then
			previous=''
			continue
		fi
		previous=$i
		case $i in
		-*) ;;
		*) if [ -z "$command" ]; then command=$i; else arguments+=("$i"); fi ;;
		esac
	done

	if [[ $word == --*=* ]]; then
		candidates=$(_moectl_option_values "$command" "${word%%=*}" | sed "s/^/${word%%=*}=/")
	elif candidates=$(_moectl_option_values "$command" "$previous"); then
		:
	elif [[ $word == -* ]]; then
		candidates=$(_moectl_options "$command")
	else
		candidates=$(_moectl_candidates "$word" "$command" "${arguments[@]}")
	fi

	COMPREPLY=()
	while IFS= read -r i; do
		[[ -z $i || $i != "$word"* ]] || COMPREPLY+=("$i")
	done <<<"$candidates"

	# No space behind "key=", and readline has what stands before '=' already.
	if [ ${#COMPREPLY[@]} -eq 1 ] && [[ ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
	if [[ $word == *=* && ${COMP_WORDBREAKS-=} == *=* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${word%%=*}="}")
	fi
}

complete -F _moectl moectl
