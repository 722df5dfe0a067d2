// Asks the penguins model of `make serve`. Types come from the service itself: a wrong column, a
// wrong type or an unknown model does not compile. ISOMORPH=http://... names another server.
//   npm install && npm run schema && npm start
import type { components } from "./schema.js";
import { service } from "./service.js";

const penguin: components["schemas"]["PenguinsRow"] = {
  bill_length_mm: 39.1,
  bill_depth_mm: 18.7,
  flipper_length_mm: 181,
  body_mass_g: 3750,
  year: 2007,
  island: "Torgersen",
  sex: "male",
};

// One penguin is an object. (An answer has a member `outputs` where only some were asked for.)
const one = await service.POST("/models/penguins/predict", { body: penguin });
if (one.data && "label" in one.data && !("outputs" in one.data)) {
  console.log(one.data.label, one.data.probabilities.Adelie);
}

// Many are an array, null is a missing value; here of version 1, whatever the newest is.
const many = await service.POST("/models/penguins/versions/1/predict", {
  body: [penguin, { ...penguin, flipper_length_mm: 230, sex: null }],
});
if (many.data && "predictions" in many.data && !("outputs" in many.data)) {
  for (const { label, probabilities } of many.data.predictions) console.log(label, probabilities);
}

// What is wrong comes as a problem (RFC 9457) that names row and column; nothing is thrown.
const { error } = await service.POST("/models/penguins/predict", {
  body: [penguin, { ...penguin, year: 1e300 }],
});
if (error) console.log(error.status, error.row, error.column, error.detail);
