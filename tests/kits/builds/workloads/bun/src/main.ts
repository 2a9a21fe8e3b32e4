// SPDX-License-Identifier: GPL-3.0-or-later
export const answer = (six: number): number => six * 7;
console.log(`the answer is ${answer(6)}`);
