#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: the SAS drives in user space, as sg3-utils sees them.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_guest.sh"

common="kind=sas sanitize_s=600"
start_scsi_drives "good $common serial=SAS-GOOD" "fails $common fail_sanitize=once sense=72" "leaves $common fail_sanitize=always" "liar $common liar" \
  "kept $common residue=777" "stuck $common stuck=655" "silent $common swallow" "lost $common reset=lost" \
  "format $common format_s=3" "plain $common sanitize=-" "unasked $common no_rsoc" "twin $common luns=2" \
  "opal $common opal=PSIDPSIDPSIDPSIDPSIDPSIDPSIDPSID opal_locked"
part "started"
good=$(device good)
expect_block good 0 factory
expect_exit 0 sg_vpd --page=sn "$good"
expect_line "$out" 'SAS-GOOD'
expect_exit 0 sg_vpd --page=bdc "$good"
expect_line "$out" 'Non-rotating'
expect_exit 0 sg_readcap --16 "$good"
expect_line "$out" 'Number of logical blocks=32768'
expect_exit 0 sg_opcodes "$good"
expect_line "$out" 'Sanitize, cryptographic erase' 'Sanitize, exit failure mode'
expect_exit 0 sg_logs --page=0x11 "$good"
expect_line "$out" 'endurance indicator: 3'
expect_exit 0 sg_modes --page=8 "$good"
expect_exit 0 sg_requests "$good"

part "sanitize, and its progress"
expect_exit 0 sg_sanitize --early --quick --block "$good"
expect_exit 0 sg_requests --progress "$good"
expect_line "$out" 'Progress indication: [0-9]'
expect_different "test unit ready while it runs" 0 "$(sg_turs "$good" >/dev/null 2>&1; echo $?)"
let_end good
expect_exit 0 sg_turs "$good"
expect_block good 0 zero
expect_block good 32767 zero
expect_exit 0 sg_sanitize --early --quick --overwrite --pattern=<(printf '\xaa\x55') --ipl=2 "$good"
let_end good
expect_equal "pattern" aa55aa55 "$(block good 100 | cut -c1-8)"
tell good set sanitize_s=0.5
expect_exit 0 sg_sanitize --wait --quick --crypto "$good"
tell good set sanitize_s=600
expect_block good 0 other
expect_sent good 3 'sanitize start'

part "failure, in sense of format 72h"
expect_exit 0 sg_sanitize --early --quick --block "$(device fails)"
let_end fails
run sg_requests -v "$(device fails)"
expect_line "$err" '[Ss]anitize command failed'
expect_exit 3 sg_turs -vv "$(device fails)"
expect_different "exit failure mode without AUSE" 0 "$(sg_sanitize --quick --fail "$(device fails)" >/dev/null 2>&1; echo $?)"
expect_exit 0 sg_sanitize --early --quick --block "$(device fails)"
let_end fails
expect_block fails 0 zero

part "failure mode left"
expect_exit 0 sg_sanitize --early --quick --ause --block "$(device leaves)"
let_end leaves
expect_block leaves 0 unreadable
expect_exit 0 sg_sanitize --quick --fail "$(device leaves)"
expect_block leaves 0 factory

part "lies"
expect_exit 0 sg_sanitize --early --quick --block "$(device liar)"
expect_block liar 0 factory
expect_exit 0 sg_sanitize --early --quick --block "$(device kept)"
expect_exit 0 sg_sanitize --early --quick --block "$(device stuck)"
expect_exit 0 sg_sanitize --early --quick --block "$(device silent)"
expect_exit 0 sg_sanitize --early --quick --block "$(device lost)"
expect_exit 0 sg_sanitize --early --quick --block "$(device twin)"
let_end kept lost twin
expect_block kept 776 zero
expect_block kept 777 factory
expect_exit 0 sg_requests --progress "$(device stuck)"
expect_line "$out" '0\.99%|1\.0'
expect_block silent 0 factory
run sg_turs "$(device lost)"
expect_block lost 0 factory
expect_block twin 0 zero
expect_block twin.1 0 zero

part "no sanitize; no answer to the question"
expect_different "sanitize" 0 "$(sg_sanitize --early --quick --block "$(device plain)" >/dev/null 2>&1; echo $?)"
expect_different "opcodes" 0 "$(sg_opcodes "$(device unasked)" >/dev/null 2>&1; echo $?)"

part "format"
expect_exit 0 sg_format --format --early --quick "$(device format)"
expect_exit 0 sg_requests --progress "$(device format)"
sleep 3.2
expect_block format 0 zero
expect_sent format 1 'SCSI FORMAT UNIT'

part "power cycle"
expect_exit 0 sg_sanitize --early --quick --block "$(device good)"
tell good power_cycle
run sg_requests -v "$good"
expect_line "$err" '[Pp]ower on'
expect_exit 0 sg_requests --progress "$good"
expect_line "$out" 'Progress'
finish
