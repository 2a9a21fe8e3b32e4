# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(bridge sidecar_bridge_rpc base)
