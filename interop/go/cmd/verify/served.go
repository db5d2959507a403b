package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The height that tlog-tiles gives all tiles.
const height = 8

// A checkpoint is one that the log has signed.
type checkpoint struct {
	origin  string
	tree    tlog.Tree
	signed  []string
	unknown int
}

// openCheckpoint believes nothing before note has verified the signature: an unsigned or wrongly signed text is an error.
func openCheckpoint(text []byte, verifier note.Verifier) (*checkpoint, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	// ParseTree knows the checkpoints of the Go checksum database, whose first line says that it is one.
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		return nil, fmt.Errorf("it is of %q, the key of %q", origin, verifier.Name())
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	if err != nil {
		return nil, err
	}
	var signed []string
	for _, signature := range opened.Sigs {
		signed = append(signed, signature.Name)
	}
	return &checkpoint{origin, tree, signed, len(opened.UnverifiedSigs)}, nil
}

// A served log is read over HTTP. It fulfils tlog.TileReader, and keeps what tlog has found right.
type served struct {
	url  string
	kept sync.Map // path of a tile: []byte
}

func (s *served) get(path string) ([]byte, error) {
	response, err := http.Get(s.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 32<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return body, nil
}

// pathOf writes tile/8/0/x001/234.p/5 as C2SP does: no height, and entries where Go says data.
func pathOf(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

func (s *served) Height() int { return height }

func (s *served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := pathOf(tile)
		if kept, ok := s.kept.Load(path); ok {
			contents[i] = kept.([]byte)
			continue
		}
		body, err := s.get(path)
		if err != nil {
			return nil, err
		}
		contents[i] = body
	}
	return contents, nil
}

func (s *served) SaveTiles(tiles []tlog.Tile, contents [][]byte) {
	for i, tile := range tiles {
		s.kept.Store(pathOf(tile), contents[i])
	}
}
