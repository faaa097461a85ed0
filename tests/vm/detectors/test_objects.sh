#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: ODEBUG: free active .*timer_list
# expect: free_active_timer\+.*defects\.c:

echo free_active_timer >/sys/module/moeai_defects/parameters/defect
