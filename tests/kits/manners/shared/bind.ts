// SPDX-License-Identifier: GPL-3.0-or-later

export function pathOf(bind: string | undefined): string {
	return bind!.replace(/^unix:/, "");
}

export const ingress = pathOf(process.env.CAPAKIT_WORKLOAD_INGRESS_BIND);
export const bridge = pathOf(process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND);
