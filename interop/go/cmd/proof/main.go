// Command proof checks C2SP tlog-proofs, such as stand in receipts, offline and with nothing of Parley's:
// filippo.io/torchwood reads the tlog-policy, opens the checkpoint with its cosignatures, and proves the inclusion.
//
//	proof -policy FILE < proofs.json
//
// Standard input is a JSON list of {"leaf": base64, "proof": text}. How many were right goes to standard output as JSON;
// the first that is wrong ends it with status 1.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

type given struct {
	Leaf  tlog.Hash `json:"leaf"`
	Proof string    `json:"proof"`
}

func main() {
	file := flag.String("policy", "", "a file with a tlog-policy")
	flag.Parse()
	count, err := check(*file)
	if err != nil {
		fmt.Fprintf(os.Stderr, "proof: %v\n", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]int{"verified": count})
}

func check(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return 0, err
	}
	var proofs []given
	if err := json.NewDecoder(os.Stdin).Decode(&proofs); err != nil {
		return 0, err
	}
	for i, one := range proofs {
		if err := torchwood.VerifyProof(policy, one.Leaf, []byte(one.Proof)); err != nil {
			return 0, fmt.Errorf("proof %d: %w", i+1, err)
		}
	}
	return len(proofs), nil
}
