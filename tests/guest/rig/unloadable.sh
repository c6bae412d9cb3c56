# SPDX-License-Identifier: GPL-2.0
# needs: modules=kvm_intel
# The emulated processor is none of Intel's with VMX: the kernel has the module, and it fails.
ok 0 'runs without its module'
