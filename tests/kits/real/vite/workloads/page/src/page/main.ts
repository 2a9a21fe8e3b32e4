// SPDX-License-Identifier: GPL-3.0-or-later
import { words } from "./words";

const target: HTMLElement = document.getElementById("built")!;
target.textContent = words.join(" ");
