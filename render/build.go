package main

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"
)

// build runs kustomize with the options that kustomize-controller sets: no plugins but the built-in ones, no
// restriction of where a kustomization may load files from (the files given are the restriction), no sorting.
func build(asked request) (documents []document, err error) {
	defer func() {
		// kustomize panics on some invalid objects; the next build must not suffer for it.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("recovered from kustomize build panic: %v", cause)
		}
	}()
	if changesSchema(asked.Files) {
		// The OpenAPI schema is global state of the library. Reading it again takes tens of milliseconds, so it is
		// renewed only around a build that brings a schema of its own.
		renewSchema()
		defer renewSchema()
	}
	options := &krusty.Options{
		LoadRestrictions: types.LoadRestrictionsNone,
		PluginConfig:     types.DisabledPluginConfig(),
	}
	tree := newTree(asked.Root, asked.Files)
	resources, err := krusty.MakeKustomizer(options).Run(tree, path.Join(asked.Root, asked.Dir))
	if err != nil {
		return nil, err
	}
	documents = make([]document, 0, resources.Size())
	for _, resource := range resources.Resources() {
		written, err := write(resource)
		if err != nil {
			// As resmap.AsYaml says it.
			content, _ := resource.Map()
			return nil, fmt.Errorf("%#v: %w", content, err)
		}
		documents = append(documents, written)
	}
	return documents, nil
}

// write gives the text that resource.AsYAML gives, and the JSON that it is made from on the way.
func write(resource *resource.Resource) (document, error) {
	data, err := resource.MarshalJSON()
	if err != nil {
		return document{}, err
	}
	text, err := yaml.JSONToYAML(data)
	if err == nil && hasLineBreakOfYAML(data) {
		// Flux reads the text again, which does not keep these characters everywhere.
		data, err = yaml.YAMLToJSON(text)
	}
	return document{Text: string(text), Data: data}, err
}

// hasLineBreakOfYAML looks for the characters beyond CR and LF that YAML 1.1 takes for the end of a line, as
// encoding/json writes them.
func hasLineBreakOfYAML(data []byte) bool {
	return bytes.Contains(data, []byte("\u0085")) || bytes.Contains(data, []byte(`\u2028`)) || bytes.Contains(data, []byte(`\u2029`))
}

func changesSchema(files map[string][]byte) bool {
	for name, content := range files {
		if isKustomization(path.Base(name)) && bytes.Contains(bytes.ToLower(content), []byte("openapi")) {
			return true
		}
	}
	return false
}

func isKustomization(name string) bool {
	for _, known := range konfig.RecognizedKustomizationFileNames() {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// renewSchema puts the built-in schema back, loaded, so that a schema of a kustomization adds to it.
func renewSchema() {
	openapi.ResetOpenAPI()
	_ = openapi.Schema()
}
