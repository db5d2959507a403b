// Command verify reads a log of tlog-tiles from the outside, with nothing of Parley's: golang.org/x/mod/sumdb/note opens
// the checkpoint, golang.org/x/mod/sumdb/tlog checks the tiles, the inclusion of every record and the consistency with
// every earlier checkpoint.
//
//	verify -log http://127.0.0.1:8410/log/1 -key VKEY [-old FILE]... [-leaves FILE]
//
// What it has found goes to standard output as JSON. What is wrong goes to standard error, with status 1.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A report is what was checked, for whoever wants to know that it was not nothing.
type report struct {
	Origin string   `json:"origin"`
	Size   int64    `json:"size"`
	Root   string   `json:"root"`
	Signed []string `json:"signed"`
	// Signature lines of keys that note does not know, such as ML-DSA-44 and the witnesses'.
	Unknown int `json:"unknown"`
	// Records whose inclusion was proven, and how many of them the caller had named.
	Records int64 `json:"records"`
	Named   int   `json:"named"`
	// Pairs of sizes, the smaller tree being how the larger one begins.
	Consistent [][2]int64 `json:"consistent"`
}

func main() {
	found, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "verify: %v\n", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}

func run(args []string) (*report, error) {
	flags := flag.NewFlagSet("verify", flag.ExitOnError)
	url := flags.String("log", "", "where the log is served, without a slash at the end")
	key := flags.String("key", "", "the log's Ed25519 key, a vkey")
	named := flags.String("leaves", "", "a JSON file: leaf hashes in base64 by index, such as receipts promise")
	var files []string
	flags.Func("old", "a file with an earlier checkpoint; several may be given", func(file string) error {
		files = append(files, file)
		return nil
	})
	flags.Parse(args)

	verifier, err := note.NewVerifier(*key)
	if err != nil {
		return nil, err
	}
	leaves, err := readLeaves(*named)
	if err != nil {
		return nil, err
	}
	log := &served{url: *url}
	text, err := log.get("checkpoint")
	if err != nil {
		return nil, err
	}
	head, err := openCheckpoint(text, verifier)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint: %w", err)
	}
	trees, err := earlier(files, verifier)
	if err != nil {
		return nil, err
	}
	consistent, err := checkConsistency(log, append(trees, head.tree))
	if err != nil {
		return nil, err
	}
	if err := checkRecords(log, head.tree, leaves); err != nil {
		return nil, err
	}
	return &report{
		Origin: head.origin, Size: head.tree.N, Root: head.tree.Hash.String(),
		Signed: head.signed, Unknown: head.unknown,
		Records: head.tree.N, Named: len(leaves), Consistent: consistent,
	}, nil
}

func readLeaves(file string) (map[int64]tlog.Hash, error) {
	leaves := make(map[int64]tlog.Hash)
	if file == "" {
		return leaves, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return leaves, json.Unmarshal(text, &leaves)
}

func earlier(files []string, verifier note.Verifier) ([]tlog.Tree, error) {
	var trees []tlog.Tree
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		opened, err := openCheckpoint(text, verifier)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		trees = append(trees, opened.tree)
	}
	return trees, nil
}
