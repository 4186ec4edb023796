curl --request POST \
  --url https://model-api.runcomfy.net/v1/models/kling/kling-3.0/standard/image-to-video \
  --header "Content-Type: application/json" \
  --header "Authorization: Bearer <token>" \
  --data '{
    "prompt": "Slow push in on a fishing boat below the cliff.",
    "start_image_url": "https://playgrounds-storage-public.runcomfy.net/tools/7349/media-files/input.png",
    "duration": 5,
    "generate_audio": false,
    "seed": 42
  }'
