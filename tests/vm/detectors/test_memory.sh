#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: BUG: KASAN: (slab-)?use-after-free
# expect: BUG: KASAN: slab-out-of-bounds
# expect: BUG: KASAN: stack-out-of-bounds
# expect: BUG: KASAN: global-out-of-bounds
# expect: use_after_free\+.*defects\.c:
# expect: list_add double add

echo use_after_free >/sys/module/moeai_defects/parameters/defect
echo slab_out_of_bounds >/sys/module/moeai_defects/parameters/defect
echo stack_out_of_bounds >/sys/module/moeai_defects/parameters/defect
echo global_out_of_bounds >/sys/module/moeai_defects/parameters/defect
echo corrupt_list >/sys/module/moeai_defects/parameters/defect
