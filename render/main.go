// ebb-render builds kustomizations for ebb from files held in memory, the way Flux's kustomize-controller does.
//
// It reads requests from standard input and writes one answer each to standard output, in order. A message is a
// four-byte big-endian length followed by that many bytes of JSON. It ends when standard input ends.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// engine names what builds. sigs.k8s.io/kustomize/api v0.21.1 is kustomize v5.8.1, which kustomize-controller v1.9 pins.
const engine = "kustomize v5.8.1"

// maxMessage bounds a request, in bytes: 50 MB of files, encoded as base64, and room for their names.
const maxMessage = 96 << 20

type request struct {
	ID int `json:"id"`
	// Root is the absolute directory that the files are placed under; it shows up in messages alone.
	Root string `json:"root"`
	// Dir is the directory to build, relative to Root.
	Dir string `json:"dir"`
	// Files are the contents by path relative to Root.
	Files map[string][]byte `json:"files"`
}

// document is one object of a build: the YAML that kustomize writes for it, and the same as JSON.
type document struct {
	Text string          `json:"text"`
	Data json.RawMessage `json:"data"`
}

type answer struct {
	ID        int        `json:"id"`
	OK        bool       `json:"ok"`
	Documents []document `json:"documents,omitempty"`
	Message   string     `json:"message,omitempty"`
}

// noNetwork refuses every request: a build reads the files that it was given and nothing else.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("remote files are not read")
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(engine)
		return
	}
	http.DefaultTransport = noNetwork{}
	out := os.Stdout
	// Whatever a library prints must not end up between two answers.
	os.Stdout = os.Stderr
	if err := serve(os.Stdin, out); err != nil {
		fmt.Fprintln(os.Stderr, "ebb-render:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	writer := bufio.NewWriterSize(out, 1<<16)
	for {
		body, err := readMessage(reader)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(body, &asked); err != nil {
			return fmt.Errorf("malformed request: %w", err)
		}
		if err := writeMessage(writer, reply(asked)); err != nil {
			return err
		}
	}
}

func reply(asked request) answer {
	documents, err := build(asked)
	if err != nil {
		return answer{ID: asked.ID, Message: err.Error()}
	}
	return answer{ID: asked.ID, OK: true, Documents: documents}
}

func readMessage(reader io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > maxMessage {
		return nil, fmt.Errorf("message of %d bytes is too long", length)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(reader, body)
	return body, err
}

func writeMessage(writer *bufio.Writer, message answer) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(body)))
	if _, err := writer.Write(head[:]); err != nil {
		return err
	}
	if _, err := writer.Write(body); err != nil {
		return err
	}
	return writer.Flush()
}
