#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Found by the leak detector in the end, not by what the kernel says meanwhile.
# expect: unreferenced object
# expect: <tests/vm/detectors/kmod/defects\.c:
# expect: [4-9] objects leaked

echo leak >/sys/module/moeai_defects/parameters/defect
