// Prints the answers to the golden rows of the bundles it is given: each text as it is, each number
// by its bits, after the model, the row and the name of the output.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

type record = map[string]any

func TestGolden(t *testing.T) {
	for _, bundle := range flag.Args() {
		var manifest struct {
			Name      string
			Version   int
			Signature struct{ Inputs []struct{ Columns []string } }
		}
		var golden struct{ Inputs []struct{ Data []any } }
		read(t, filepath.Join(bundle, "manifest.json"), &manifest)
		read(t, filepath.Join(bundle, "golden.json"), &golden)
		var rows []record
		for block, input := range manifest.Signature.Inputs {
			for i, value := range golden.Inputs[block].Data {
				row := i / len(input.Columns)
				if row == len(rows) {
					rows = append(rows, record{})
				}
				rows[row][input.Columns[i%len(input.Columns)]] = value
			}
		}
		model := fmt.Sprintf("%s/versions/%d", manifest.Name, manifest.Version)
		answers, err := Predict[record](model, rows)
		if err != nil {
			t.Fatal(err)
		}
		for row, answer := range answers {
			show(fmt.Sprintf("%s\t%d", manifest.Name, row), answer)
		}
	}
}

func show(place string, value any) {
	switch value := value.(type) {
	case record:
		for name, each := range value {
			show(place+"\t"+name, each)
		}
	case float64:
		fmt.Printf("%s\t%016x\n", place, math.Float64bits(value))
	default:
		fmt.Printf("%s\t%v\n", place, value)
	}
}

func read(t *testing.T, path string, value any) {
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}
