# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(tls_server fuzz_tls_name certs base)
