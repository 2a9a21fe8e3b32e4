// SPDX-License-Identifier: GPL-3.0-or-later
console.log("working");
setInterval(() => {}, 1 << 30);
