#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: possible circular locking dependency
# expect: lock_order\+.*defects\.c:

echo lock_order >/sys/module/moeai_defects/parameters/defect
