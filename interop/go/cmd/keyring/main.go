// Command keyring is an ssh-agent for tests, with one new Ed25519 key in memory: litewitness signs by such an agent alone.
//
//	keyring SOCKET
//
// When it listens, the key's fingerprint goes to standard output as JSON. It ends with its standard input, and the key
// with it.
package main

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "keyring: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("it takes the path of a socket")
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		return err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	go serve(listener, keyring)
	json.NewEncoder(os.Stdout).Encode(map[string]string{"fingerprint": ssh.FingerprintSHA256(key)})
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func serve(listener net.Listener, keyring agent.Agent) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			agent.ServeAgent(keyring, connection)
		}()
	}
}
