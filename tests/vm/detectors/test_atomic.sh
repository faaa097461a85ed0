#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: BUG: sleeping function called from invalid context
# expect: sleep_in_atomic\+.*defects\.c:
# expect: BUG: scheduling while atomic
# expect: schedule_in_atomic\+.*defects\.c:
# expect: suspicious RCU usage

echo rcu_without_lock >/sys/module/moeai_defects/parameters/defect
echo sleep_in_atomic >/sys/module/moeai_defects/parameters/defect
echo schedule_in_atomic >/sys/module/moeai_defects/parameters/defect
