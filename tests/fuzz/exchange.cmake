# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(exchange fuzz_pair_memory)
