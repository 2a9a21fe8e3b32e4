# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(key_pem certs)
