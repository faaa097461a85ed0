#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: inconsistent lock state

echo lock_in_irq >/sys/module/moeai_defects/parameters/defect
