// SPDX-License-Identifier: GPL-3.0-or-later
// schema.ts SCHEMA DOCUMENT: fails, and says why, unless the document is of the JSON Schema.
import Ajv2020 from "ajv/dist/2020";

const [schema, document] = await Promise.all(process.argv.slice(2).map((file) => Bun.file(file).json()));
const ajv = new Ajv2020({ allErrors: true, strict: true });
if (!ajv.validate(schema, document)) {
	console.log(ajv.errorsText());
	process.exit(1);
}
