// SPDX-License-Identifier: GPL-3.0-or-later
// schemas.ts FOLDER: validates what a test has collected. FOLDER has schemas/<name>.json and, in `cases`,
// lines of CASE, SCHEMA, FILE and yes or no (may it be valid?), with tabs between. FILE is JSON, YAML
// (.yml) or JSON lines (.lines). Prints one line for each case, as tests do, and one for each schema.
import Ajv2020 from "ajv/dist/2020";
import { readdirSync, readFileSync } from "node:fs";

const folder = process.argv[2];
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false, allErrors: true });
const validators = new Map();

for (const file of readdirSync(`${folder}/schemas`)) {
	const name = file.replace(/\.json$/, "");
	try {
		validators.set(name, ajv.compile(JSON.parse(readFileSync(`${folder}/schemas/${file}`, "utf8"))));
		console.log(`ok schema-${name}`);
	} catch (error) {
		console.log(`not ok schema-${name}: ${error}`);
	}
}

function documents(file: string): unknown[] {
	const text = readFileSync(file, "utf8");
	if (file.endsWith(".yml")) return [Bun.YAML.parse(text)];
	if (!file.endsWith(".lines")) return [JSON.parse(text)];
	const lines = text.split("\n").filter((line) => line.startsWith("{"));
	if (lines.length === 0) throw new Error("no line of JSON");
	return lines.map((line) => JSON.parse(line));
}

for (const line of readFileSync(`${folder}/cases`, "utf8").trim().split("\n")) {
	const [name, schema, file, expected] = line.split("\t");
	const validate = validators.get(schema);
	try {
		const all = documents(file);
		const wrong = all.find((document) => !validate(document));
		if (wrong !== undefined) validate(wrong);
		const valid = wrong === undefined;
		const errors = valid ? "valid" : ajv.errorsText(validate.errors, { separator: "; " });
		console.log(valid === (expected === "yes") ? `ok ${name}` : `not ok ${name}: ${errors}`);
	} catch (error) {
		console.log(`not ok ${name}: ${file}: ${error}`);
	}
}
