// Appends entries to a tessera log on POSIX files, as many at once as it is told, and says how long it took. An entry
// counts when tessera says that it is durable and integrated.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	folder := flag.String("folder", "", "an empty folder for the log")
	entries := flag.Int("entries", 20000, "how many")
	size := flag.Int("size", 900, "bytes of each")
	inFlight := flag.Int("in-flight", 256, "at once")
	age := flag.Duration("age", 10*time.Millisecond, "how long tessera gathers a batch")
	flag.Parse()
	if err := run(*folder, *entries, *size, *inFlight, *age); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string, entries, size, inFlight int, age time.Duration) error {
	ctx := context.Background()
	secret, _, err := note.GenerateKey(rand.Reader, "bench.example/log")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	driver, err := posix.New(ctx, posix.Config{Path: folder})
	if err != nil {
		return err
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(inFlight), age).
		WithCheckpointInterval(100 * time.Millisecond)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		return err
	}
	all := make([][]byte, entries)
	for i := range all {
		all[i] = make([]byte, size)
		if _, err := rand.Read(all[i]); err != nil {
			return err
		}
	}
	begun := time.Now()
	if err := add(ctx, appender, all, inFlight); err != nil {
		return err
	}
	seconds := time.Since(begun).Seconds()
	if err := shutdown(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{"seconds": seconds, "entries": float64(entries)})
}

func add(ctx context.Context, appender *tessera.Appender, all [][]byte, inFlight int) error {
	var next atomic.Int64
	var waiting sync.WaitGroup
	failed := make(chan error, inFlight)
	for range inFlight {
		waiting.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				if _, err := appender.Add(ctx, tessera.NewEntry(all[i]))(); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	waiting.Wait()
	close(failed)
	return <-failed
}
