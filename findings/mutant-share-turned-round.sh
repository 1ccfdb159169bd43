#!/usr/bin/env bash
# vcf2fhir 0.1.1 (PyPI): variants of a VCF file as FHIR Observations, here three of the mitochondria.
# One expects: the share of reads with the variant: VCF's AD lists the depth of the reference first, then that of the variant,
#   so 5,95 of 100 reads is 0.95; a variant in all of 1000 reads is homoplasmic, one in 5 of them is hardly there.
# Seen: the share is that of the reference. MELAS's 3243A>G in 95 of 100 reads has an allelic frequency of 0.05; 8993T>G in
#   all reads is heteroplasmic, with a frequency of 0; 11778G>A in 5 of 1000 reads is homoplasmic, with 0.995.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check vcf2fhir==0.1.1
cd "$folder"
{
  printf '##fileformat=VCFv4.2\n##contig=<ID=MT>\n'
  printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
  printf '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Read depth of each allele, the reference first">\n'
  printf '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">\n'
  printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample\n'
  printf 'MT\t3243\t.\tA\tG\t100\tPASS\t.\tGT:AD:DP\t1:5,95:100\n'
  printf 'MT\t8993\t.\tT\tG\t100\tPASS\t.\tGT:AD:DP\t1:0,1000:1000\n'
  printf 'MT\t11778\t.\tG\tA\t100\tPASS\t.\tGT:AD:DP\t1:995,5:1000\n'
} >look.vcf
seen=$(env/bin/python -W ignore - <<'END' 2>/dev/null
import json

import vcf2fhir

vcf2fhir.Converter("look.vcf", "GRCh38", "patient", genomic_source_class="germline").convert("look.json")
with open("look.json", encoding="utf-8") as file:
    made = json.load(file)["contained"]
for one in made:
    parts = {part["code"]["coding"][0]["code"]: part for part in one.get("component", [])}
    if "81254-5" in parts:
        print(parts["81254-5"]["valueRange"]["low"]["value"],
              parts["53034-5"]["valueCodeableConcept"]["coding"][0]["display"],
              parts["81258-6"]["valueQuantity"].get("value") if "81258-6" in parts else "no frequency")
END
)
expected=$(cat <<'END'
3243 heteroplasmic 0.05
8993 heteroplasmic 0.0
11778 homoplasmic 0.995
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
