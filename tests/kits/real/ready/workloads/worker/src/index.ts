// SPDX-License-Identifier: GPL-3.0-or-later
// It serves nothing; the binds are set all the same.
console.log("binds", typeof process.env.CAPAKIT_WORKLOAD_INGRESS_BIND, typeof process.env.CAPAKIT_WORKLOAD_BRIDGE_BIND);
setInterval(() => {}, 1000);
