// SPDX-License-Identifier: GPL-3.0-or-later
import { relay } from "../../shared/relay.ts";

relay();
