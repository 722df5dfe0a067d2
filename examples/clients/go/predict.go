// Asks the penguins model of `make serve`, with nothing but the standard library:
//
//	go run predict.go
//	go run predict.go -service http://elsewhere:8080
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
)

var service = flag.String("service", "http://127.0.0.1:8080", "the address of the service")

type Penguin struct {
	BillLength    *float64 `json:"bill_length_mm"` // nil is a missing value
	BillDepth     *float64 `json:"bill_depth_mm"`
	FlipperLength *float64 `json:"flipper_length_mm"`
	BodyMass      *float64 `json:"body_mass_g"`
	Year          float64  `json:"year"`
	Island        string   `json:"island"`
	Sex           *string  `json:"sex"`
}

type Species struct {
	Label         string
	Probabilities map[string]float64
}

// Problem is what is wrong with a request (RFC 9457), and in which row and column.
type Problem struct {
	Status, Row          int
	Detail, Column, Mend string
}

func (problem Problem) Error() string { return problem.Detail }

// Predict sends rows and returns an answer to each; model is "penguins" or "penguins/versions/1".
func Predict[Answer, Row any](model string, rows []Row) ([]Answer, error) {
	body, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	url := *service + "/models/" + model + "/predict"
	response, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Predictions []Answer
		Problem
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, answer.Problem
	}
	return answer.Predictions, nil
}

func main() {
	flag.Parse()
	length, depth, flipper, large, mass, sex := 39.1, 18.7, 181.0, 230.0, 3750.0, "male"
	penguin := Penguin{&length, &depth, &flipper, &mass, 2007, "Torgersen", &sex}
	other := Penguin{&length, &depth, &large, &mass, 2007, "Torgersen", nil}

	answers, err := Predict[Species]("penguins", []Penguin{penguin, other})
	fmt.Println(answers, err)

	answers, err = Predict[Species]("penguins/versions/1", []Penguin{penguin})
	fmt.Println(answers, err)

	other.Year = 1e300
	_, err = Predict[Species]("penguins", []Penguin{penguin, other})
	if problem := (Problem{}); errors.As(err, &problem) {
		fmt.Printf("%d in row %d, %s: %s\n", problem.Status, problem.Row, problem.Column, problem)
	}
}
