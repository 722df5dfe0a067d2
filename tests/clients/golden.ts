// Prints the answers to the golden rows of the bundles it is given: each text as it is, each number
// by its bits, after the model, the row and the name of the output.
import { readFileSync } from "node:fs";
import { service } from "./service.js";

function show(place: string, value: unknown): void {
  if (typeof value === "number") {
    const [bits] = new BigUint64Array(new Float64Array([value]).buffer);
    console.log(`${place}\t${bits!.toString(16).padStart(16, "0")}`);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value)) show(`${place}\t${name}`, each);
  } else {
    console.log(`${place}\t${value}`);
  }
}

for (const bundle of process.argv.slice(2)) {
  const { name, version, signature } = JSON.parse(readFileSync(`${bundle}/manifest.json`, "utf8"));
  const golden = JSON.parse(readFileSync(`${bundle}/golden.json`, "utf8"));
  const rows: Record<string, unknown>[] = [];
  golden.inputs.forEach((tensor: { shape: number[]; data: unknown[] }, block: number) => {
    const columns: string[] = signature.inputs[block].columns;
    tensor.data.forEach((value, index) => {
      const row = Math.floor(index / columns.length);
      rows[row] = { ...rows[row], [columns[index % columns.length]!]: value };
    });
  });
  // Any model takes this road, so the types of one of them say nothing here.
  const path = `/models/${name}/versions/${version}/predict` as "/models/penguins/predict";
  const { data, error } = await service.POST(path, { body: rows as never });
  if (!data || !("predictions" in data)) throw new Error(JSON.stringify(error));
  data.predictions.forEach((answer, row) => show(`${name}\t${row}`, answer));
}
