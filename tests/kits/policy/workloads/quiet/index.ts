// SPDX-License-Identifier: GPL-3.0-or-later
import { serve } from "../../shared/failing.ts";

serve();
