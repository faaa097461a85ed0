#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: UBSAN: shift-out-of-bounds
# expect: shift(\.cold)?\+.*defects\.c:
# expect: UBSAN: array-index-out-of-bounds

echo shift >/sys/module/moeai_defects/parameters/defect
echo index >/sys/module/moeai_defects/parameters/defect
