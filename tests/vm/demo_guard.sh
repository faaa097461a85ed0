# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests/vm/demo: who floods and who scans, told, blocked, explained. Three are in
# network namespaces of their own: from one hping3 floods a web server here, from one
# nmap looks for ports, and a customer only wants his page.

# Each has an address; .1 of the same network is here.
declare -A addresses=([flooder]=198.51.100.66 [scanner]=203.0.113.77 [customer]=192.0.2.10)
guard_running=()

here_for() { echo "${addresses[$1]%.*}.1"; } # NAME

guard_up() {
	local name
	modprobe -a veth moeai_net_guard || return
	for name in "${!addresses[@]}"; do
		ip netns add "$name" &&
			ip link add "$name" type veth peer name eth0 netns "$name" &&
			ip addr add "$(here_for "$name")/24" dev "$name" && ip link set "$name" up &&
			ip -n "$name" addr add "${addresses[$name]}/24" dev eth0 &&
			ip -n "$name" link set eth0 up || return
	done
	perl -MIO::Socket::INET -e '$SIG{PIPE} = "IGNORE";
		my $l = IO::Socket::INET->new(LocalPort => 80, Listen => 64, ReuseAddr => 1);
		while (1) { my $c = $l->accept or next; print $c "served\n" }' &
	guard_running+=($!)
	for _ in {1..50}; do
		! served customer || return 0
		sleep 0.2
	done
	echo "the web server does not serve"
	return 1
}

guard_down() {
	local name
	[ ${#guard_running[@]} -gt 0 ] || return
	kill "${guard_running[@]}"
	wait "${guard_running[@]}"
	guard_running=()
	moectl guard mode off # its rules go with it
	for name in "${!addresses[@]}"; do
		ip netns del "$name"
		ip link del "$name"
	done
} 2>/dev/null

# The web server says one word, to whom it can.
served() { # NAME
	ip netns exec "$1" timeout 3 bash -c \
		"exec 3<>/dev/tcp/$(here_for "$1")/80 && read -r word <&3 && [ \"\$word\" = served ]"
} 2>/dev/null

# Print what the monitor prints. Somebody named who has done nothing is worse than
# somebody who is not.
guard_follow() {
	local line
	while ! over && ! has flood scan blocked_flooder blocked_scanner; do
		IFS= read -r -t 1 line <&3 || continue
		printf '%s\n' "$line"
		[[ $line =~ net_guard\.([a-z]+)' '+(source|prefix)=([^ ]+)' '(.*) ]] || continue
		case "${BASH_REMATCH[1]} ${BASH_REMATCH[3]%/32} ${BASH_REMATCH[4]} " in
		"flood ${addresses[flooder]} kind=syn_flood "*' action=drop '*) see flood ;;
		"scan ${addresses[scanner]} kind=port_scan "*' action=drop '*) see scan ;;
		"blocked ${addresses[flooder]} action=drop "*' reason=syn_flood '*) see blocked_flooder ;;
		"blocked ${addresses[scanner]} action=drop "*' reason=port_scan '*) see blocked_scanner ;;
		*" ${addresses[flooder]} "* | *" ${addresses[scanner]} "*) ;;
		*) see somebody_else ;;
		esac
	done
}

guard_attack() {
	heading "moectl monitor --type 'net_guard.*'    (while hping3 floods and nmap scans)"
	monitor_begin --type 'net_guard.*' || return
	ip netns exec flooder hping3 -q -i u500 -S -p 80 "$(here_for flooder)" &>/dev/null &
	guard_running+=($!)
	ip netns exec scanner nmap -n -Pn -sS -p 1-1000 "$(here_for scanner)" &>/dev/null &
	guard_running+=($!)
	guard_follow
	monitor_end
}

# What becomes of each now, with the flood going on, and why.
guard_explain() {
	local name
	for name in flooder scanner customer; do
		show moectl guard explain "${addresses[$name]}"
		see "$name=$(moectl guard explain "${addresses[$name]}" --tab |
			sed -n 's/^decision\t//p')"
	done
	for name in flooder scanner; do
		show moectl why "${addresses[$name]}"
		! moectl why "${addresses[$name]}" --tab |
			grep -q "^answer.*${addresses[$name]} was found to .*; it is blocked until " ||
			see "why_$name"
	done
	show moectl guard offenders
	see "offenders=$(moectl guard offenders --tab | sed 's,/32\t.*,,' | sort | paste -s -d ,)"
	heading "who gets the page"
	for name in flooder customer; do
		if served $name; then
			echo "${addresses[$name]} is served."
			see "${name}_served"
		else
			echo "${addresses[$name]} is not."
			see "${name}_not_served"
		fi
	done
}

guard() {
	seen=' nobody_else '
	guard_up && served flooder && show moectl guard mode enforce && guard_attack &&
		guard_explain
	guard_down
	! has somebody_else || seen=${seen/ nobody_else / }
	verdict guard "the flood and the scan, where they come from, that they are blocked, and why;
      the flooder is not served any more, others are." flood scan blocked_flooder \
		blocked_scanner why_flooder why_scanner nobody_else flooder=drop scanner=drop customer=pass \
		"offenders=${addresses[flooder]},${addresses[scanner]}" \
		flooder_not_served customer_served
}
